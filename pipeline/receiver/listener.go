package receiver

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"integr8/pipeline/connection"
)

// retryingListener tries again when a connection cannot be accepted, for example because
// the process has no file descriptor left. It ends only when it is closed.
type retryingListener struct {
	*connection.Listener
	logger *slog.Logger
	// headBytes bounds the bytes that a connection keeps, see head.
	headBytes int
	closed    chan struct{}
	close     func() error
}

func newRetryingListener(listener *connection.Listener, logger *slog.Logger, headBytes int) *retryingListener {
	closed := make(chan struct{})
	return &retryingListener{listener, logger, headBytes, closed, sync.OnceValue(func() error {
		close(closed)
		return listener.Close()
	})}
}

// Close may be called more than once.
func (l *retryingListener) Close() error { return l.close() }

// The first and the longest pause between attempts to accept a connection.
const (
	acceptPause    = 5 * time.Millisecond
	maxAcceptPause = time.Second
)

// Accept waits for the next connection.
func (l *retryingListener) Accept() (net.Conn, error) {
	for pause := acceptPause; ; pause = min(2*pause, maxAcceptPause) {
		accepted, err := l.Listener.Accept()
		switch {
		case err == nil:
			return &conn{Conn: accepted.(*connection.Conn), headBytes: l.headBytes}, nil // the inner listener returns only this type
		case errors.Is(err, net.ErrClosed):
			return nil, io.EOF
		}
		l.logger.Warn("a connection could not be accepted, trying again", "error", err, "after", pause)
		select {
		case <-time.After(pause):
		case <-l.closed:
			return nil, io.EOF
		}
	}
}
