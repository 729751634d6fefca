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

// patientListener goes on when a connection cannot be taken, as when the
// process has no file descriptor left: the next one may be. It ends only when
// it is closed.
type patientListener struct {
	*connection.Listener
	logger *slog.Logger
	closed chan struct{}
	close  func() error
}

func newPatientListener(listener *connection.Listener, logger *slog.Logger) *patientListener {
	closed := make(chan struct{})
	return &patientListener{listener, logger, closed, sync.OnceValue(func() error {
		close(closed)
		return listener.Close()
	})}
}

// Close may be called more than once.
func (l *patientListener) Close() error { return l.close() }

// The times between attempts to take a connection, the first and the longest.
const (
	acceptPause    = 5 * time.Millisecond
	maxAcceptPause = time.Second
)

// Accept waits for the next connection.
func (l *patientListener) Accept() (net.Conn, error) {
	for pause := acceptPause; ; pause = min(2*pause, maxAcceptPause) {
		accepted, err := l.Listener.Accept()
		switch {
		case err == nil:
			return &conn{Conn: accepted.(*connection.Conn)}, nil // it makes no other
		case errors.Is(err, net.ErrClosed):
			return nil, io.EOF
		}
		l.logger.Warn("a connection could not be taken, trying again", "error", err, "after", pause)
		select {
		case <-time.After(pause):
		case <-l.closed:
			return nil, io.EOF
		}
	}
}
