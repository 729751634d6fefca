package connection_test

import (
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/connection"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience = 10 * time.Second
	poll     = time.Millisecond
)

// lobby is a Listener on a real port. The test serves its connections.
type lobby struct {
	t        *testing.T
	listener *connection.Listener
	accepted chan *connection.Conn
	refused  chan connection.Bound
}

func open(t *testing.T, options connection.Options) *lobby {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &lobby{t: t, accepted: make(chan *connection.Conn, 100), refused: make(chan connection.Bound, 100)}
	options.Refused = func(_ net.Conn, bound connection.Bound) { l.refused <- bound }
	l.listener = connection.NewListener(inner, options)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			accepted, err := l.listener.Accept()
			if err != nil {
				return
			}
			l.accepted <- accepted.(*connection.Conn)
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, l.listener.Close())
		<-done
	})
	return l
}

// dial opens a connection and returns the client's end.
func (l *lobby) dial() net.Conn {
	l.t.Helper()
	conn, err := net.Dial("tcp", l.listener.Addr().String())
	require.NoError(l.t, err)
	l.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// take returns the server's end of the next connection. It is read until it ends
// and then closed, as a server does. ended is closed after that.
func (l *lobby) take() (conn *connection.Conn, ended <-chan struct{}) {
	l.t.Helper()
	select {
	case conn = <-l.accepted:
	case <-time.After(patience):
		require.FailNow(l.t, "no connection was taken")
	}
	l.t.Cleanup(func() { _ = conn.Close() })
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}()
	return conn, closed
}

func (l *lobby) wait(what <-chan struct{}) {
	l.t.Helper()
	select {
	case <-what:
	case <-time.After(patience):
		require.FailNow(l.t, "it did not happen")
	}
}

func running(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-ended:
		require.FailNow(t, "a connection was closed that should not be")
	default:
	}
}

func TestTheConnectionThatWasIdleForTheLongestIsEvictedForANewOne(t *testing.T) {
	l := open(t, connection.Options{Max: 3})
	l.dial()
	first, firstEnded := l.take()
	l.dial()
	_, secondEnded := l.take()
	l.dial()
	_, thirdEnded := l.take()
	first.Arriving()
	first.Serving(0)
	first.Waiting() // so the second has been idle for longer
	l.dial()
	_, fourthEnded := l.take()
	l.wait(secondEnded)
	for _, ended := range []<-chan struct{}{firstEnded, thirdEnded, fourthEnded} {
		running(t, ended)
	}
	require.Equal(t, 3, l.listener.State().Open)
	require.EqualValues(t, 1, l.listener.State().Evicted)
	require.Empty(t, l.refused)
}

func TestAnArrivingRequestIsEvictedOnlyWhenNothingIsIdleAndAServedOneNever(t *testing.T) {
	l := open(t, connection.Options{Max: 2})
	l.dial()
	served, servedEnded := l.take()
	served.Arriving()
	served.Serving(0)
	l.dial()
	arriving, arrivingEnded := l.take()
	arriving.Arriving()
	l.dial()
	idle, _ := l.take()
	l.wait(arrivingEnded)
	require.True(t, arriving.Evicted())
	idle.Arriving()
	idle.Serving(0)
	conn := l.dial()
	select {
	case bound := <-l.refused:
		require.Equal(t, connection.InAll, bound)
	case <-time.After(patience):
		require.FailNow(t, "it was not refused")
	}
	_, err := io.ReadAll(conn)
	require.NoError(t, err, "it is closed at once")
	running(t, servedEnded)
	require.Equal(t, 2, l.listener.State().Open)
}

func TestASenderHasItsOwnBoundAndAnExemptOneHasNone(t *testing.T) {
	var exempt atomic.Bool
	l := open(t, connection.Options{Max: 100, MaxPerSender: 2, Sender: func(remote net.Addr) (netip.Addr, bool) {
		return remote.(*net.TCPAddr).AddrPort().Addr(), !exempt.Load()
	}})
	l.dial()
	first, _ := l.take()
	l.dial()
	l.take()
	l.dial()
	require.Equal(t, connection.PerSender, <-l.refused)
	exempt.Store(true)
	l.dial()
	l.take()
	exempt.Store(false)
	require.NoError(t, first.Close())
	_ = first.Close() // does not count twice
	l.dial()
	l.take()
	l.dial()
	require.Equal(t, connection.PerSender, <-l.refused)
	require.Equal(t, 3, l.listener.State().Open)
}

func TestAnExemptSenderIsEvictedLast(t *testing.T) {
	var exempt atomic.Bool
	exempt.Store(true)
	l := open(t, connection.Options{Max: 2, MaxPerSender: 2, Sender: func(remote net.Addr) (netip.Addr, bool) {
		return remote.(*net.TCPAddr).AddrPort().Addr(), !exempt.Load()
	}})
	l.dial()
	_, proxyEnded := l.take()
	exempt.Store(false)
	l.dial()
	_, visitorEnded := l.take()
	l.dial()
	l.take()
	l.wait(visitorEnded)
	running(t, proxyEnded)
}

func TestARequestThatHasBeenArrivingForTheLongestIsEvictedAboveTheBytes(t *testing.T) {
	l := open(t, connection.Options{Max: 100, MaxBytes: 300, ArrivalBytes: 100})
	var conns []*connection.Conn
	var ended []<-chan struct{}
	for range 4 {
		l.dial()
		conn, end := l.take()
		conns, ended = append(conns, conn), append(ended, end)
	}
	conns[1].Arriving()
	require.True(t, conns[1].Serving(50), "a body that is being handled")
	conns[0].Arriving()
	conns[2].Arriving()
	running(t, ended[0])
	conns[3].Arriving() // 350
	l.wait(ended[0])
	for _, i := range []int{1, 2, 3} {
		running(t, ended[i])
	}
	require.EqualValues(t, 250, l.listener.State().Bytes)
	require.True(t, conns[3].Serving(0))
	require.False(t, conns[2].Serving(300), "350, and nothing that is served is given up")
	require.True(t, conns[3].Serving(0), "who brings no body is served all the same")
	conns[2].Waiting()
	require.EqualValues(t, 50, l.listener.State().Bytes)
	conns[1].Waiting()
	require.Zero(t, l.listener.State().Bytes)
}

// A deadline that the server sets at the same moment does not prolong an evicted
// connection.
func TestAnEvictedConnectionCannotBeProlonged(t *testing.T) {
	l := open(t, connection.Options{Max: 1})
	l.dial()
	old := <-l.accepted
	l.dial()
	require.Eventually(t, old.Evicted, patience, poll)
	require.NoError(t, old.SetReadDeadline(time.Now().Add(time.Hour)))
	_, err := old.Read(make([]byte, 1))
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
	require.NoError(t, old.Close())
}

// Where processors are short, a request may still be in the socket's buffer when its
// connection is evicted.
func TestARequestThatHasArrivedWhenItsConnectionIsEvictedIsRead(t *testing.T) {
	l := open(t, connection.Options{Max: 1})
	far := l.dial()
	old := <-l.accepted
	_, err := io.WriteString(far, "a request")
	require.NoError(t, err)
	l.dial()
	require.Eventually(t, old.Evicted, patience, poll)
	read := make([]byte, 100)
	n, err := old.Read(read)
	require.NoError(t, err)
	require.Equal(t, "a request", string(read[:n]))
	old.Arriving()
	require.NoError(t, old.SetReadDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(far, " and its body")
	require.NoError(t, err)
	n, err = old.Read(read)
	require.NoError(t, err, "it may come whole")
	require.Equal(t, " and its body", string(read[:n]))
	require.True(t, old.Ends(), "it is the last one")
	require.NoError(t, old.Close())
}
