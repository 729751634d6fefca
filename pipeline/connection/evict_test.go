package connection_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/connection"
)

// Arriving and complete requests may exceed the bound at the same moment. The complete
// request must not be the one that is refused.
func TestACompleteRequestIsServedWhateverIsArriving(t *testing.T) {
	l := open(t, connection.Options{Max: 100, MaxBytes: 300, ArrivalBytes: 100})
	var ended []<-chan struct{}
	for range 3 {
		l.dial()
		conn, end := l.take()
		conn.Arriving()
		ended = append(ended, end)
	}
	l.dial()
	whole, wholeEnded := l.take()
	require.True(t, whole.Serving(50))
	l.wait(ended[0])
	running(t, wholeEnded)
	require.EqualValues(t, 250, l.listener.State().Bytes)
}

func TestAnEvictedRequestWhoseLastBytesAreInTheSocketIsServed(t *testing.T) {
	l := open(t, connection.Options{Max: 100, MaxBytes: 150, ArrivalBytes: 100})
	far := l.dial()
	old := <-l.accepted
	read := make([]byte, 100)
	_, err := io.WriteString(far, "G")
	require.NoError(t, err)
	_, err = old.Read(read)
	require.NoError(t, err)
	old.Arriving()
	_, err = io.WriteString(far, "ET /")
	require.NoError(t, err)
	l.dial()
	other, _ := l.take()
	other.Arriving()
	require.Eventually(t, old.Evicted, patience, poll)
	n, err := old.Read(read)
	require.NoError(t, err)
	require.Equal(t, "ET /", string(read[:n]))
	require.True(t, old.Serving(50))
	require.True(t, old.Ends())
	_, err = old.Read(read)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "nothing more is waited for")
	require.NoError(t, old.Close())
	require.EqualValues(t, 100, l.listener.State().Bytes)
}

func TestASenderWithManyArrivingRequestsLosesItsOwnBeforeAnotherSenderLosesOne(t *testing.T) {
	var sender atomic.Uint32
	l := open(t, connection.Options{Max: 100, MaxBytes: 400, ArrivalBytes: 100, Sender: func(net.Addr) (netip.Addr, bool) {
		return netip.AddrFrom4([4]byte{203, 0, 113, byte(sender.Load())}), true
	}})
	arrive := func(from uint32) <-chan struct{} {
		sender.Store(from)
		l.dial()
		conn, ended := l.take()
		conn.Arriving()
		return ended
	}
	good := arrive(1)
	first := arrive(2)
	second := arrive(2)
	third := arrive(2)
	fourth := arrive(2)
	l.wait(first)
	for range 10 {
		arrive(2)
	}
	l.wait(second)
	l.wait(third)
	l.wait(fourth)
	running(t, good)
}

func TestAConnectionWhoseSenderDoesNotReadIsEvicted(t *testing.T) {
	l := open(t, connection.Options{Max: 1})
	far := l.dial()
	require.NoError(t, far.(*net.TCPConn).SetReadBuffer(4096))
	unread := <-l.accepted
	unread.Arriving()
	unread.Serving(0)
	wrote := make(chan error, 1)
	go func() {
		_, err := unread.Write(make([]byte, 64<<20))
		_ = unread.Close()
		wrote <- err
	}()
	require.Eventually(t, func() bool { // refused until it has not read for a while
		l.dial()
		select {
		case <-l.accepted:
			return true
		case <-l.refused:
			return false
		}
	}, patience, poll)
	err := <-wrote
	require.True(t, errors.Is(err, os.ErrDeadlineExceeded), "%v", err)
}

func TestWithEndServingAServedRequestIsEvictedLast(t *testing.T) {
	l := open(t, connection.Options{Max: 2, EndServing: true})
	l.dial()
	served, servedEnded := l.take()
	served.Arriving()
	served.Serving(0)
	l.dial()
	_, idleEnded := l.take()
	l.dial()
	last, _ := l.take()
	l.wait(idleEnded)
	running(t, servedEnded)
	last.Arriving()
	last.Serving(0)
	l.dial()
	l.take()
	l.wait(servedEnded)
	require.Empty(t, l.refused)
}

// A connection that is open only until its last response arrives may be evicted.
func TestALeavingConnectionIsEvicted(t *testing.T) {
	l := open(t, connection.Options{Max: 1, MaxBytes: 1000, ArrivalBytes: 100})
	l.dial()
	leaving, ended := l.take()
	leaving.Arriving()
	leaving.Serving(50)
	leaving.Leaving()
	require.Zero(t, l.listener.State().Bytes)
	began := time.Now()
	require.NoError(t, leaving.SetReadDeadline(began.Add(time.Hour)))
	l.dial()
	l.take()
	l.wait(ended)
}
