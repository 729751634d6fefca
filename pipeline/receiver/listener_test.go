package receiver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// exhausted is a listener whose process has no file descriptor left for a
// while.
type exhausted struct {
	net.Listener
	failures atomic.Int32
}

func (l *exhausted) Accept() (net.Conn, error) {
	if l.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestAServerThatCannotTakeAConnectionGoesOn(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	log := &lockedBuffer{}
	failing := &exhausted{Listener: listener}
	failing.failures.Store(3)
	rc, keys := newForFuzz(t, &recorder{})
	rc.options.Logger = slog.New(slog.NewTextHandler(log, nil))
	server := NewServer(rc)
	served := make(chan error, 1)
	go func() { served <- server.Serve(failing) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + listener.Addr().String() + "/?secure=" + keys.Token(7, 0, 1) + "&transaction_id=" + keys.Mint(now).String())
	require.NoError(t, err)
	readReply(t, response).accepted(t)
	require.Contains(t, log.String(), "too many open files")
	require.NoError(t, server.Shutdown(t.Context()))
	require.NoError(t, <-served)
}

func TestAServerThatIsStoppedBeforeItServesEndsAtOnce(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	rc, _ := newForFuzz(t, &recorder{})
	server := NewServer(rc)
	require.NoError(t, server.Shutdown(t.Context()))
	require.NoError(t, server.Serve(listener))
	_, err = net.Dial("tcp", listener.Addr().String())
	require.Error(t, err)
}

func TestAServerThatStopsAnswersWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	hold, arrived, release := held()
	d := open(t, hold)
	replies := make(chan reply, 1)
	go func() { replies <- d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String()) }()
	<-arrived
	d.server.SetKeepAlivesEnabled(false)
	stopped := make(chan error, 1)
	go func() { stopped <- d.server.Shutdown(context.Background()) }()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", d.address)
		if err == nil {
			_ = conn.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	}, testTimeout, poll)
	release()
	r := <-replies
	r.accepted(t)
	require.True(t, r.closes)
	require.NoError(t, <-stopped)
}
