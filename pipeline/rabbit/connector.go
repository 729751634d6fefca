package rabbit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// stableAfter is how long a connection must have been up before the next attempt
// starts with the shortest pause again.
const stableAfter = 10 * time.Second

// connector keeps one connection to the broker up until it is closed.
type connector struct {
	name         string
	addresses    []address
	writeTimeout time.Duration
	log          *slog.Logger

	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	current *session
	err     error         // of the last attempt, while there is no session
	changed chan struct{} // closed and replaced when current or err changes
}

// newConnector starts to connect in the background. The error is that of a malformed
// URL.
func newConnector(url, name string, writeTimeout time.Duration, log *slog.Logger) (*connector, error) {
	addresses, err := parseAddresses(url)
	if err != nil {
		return nil, err
	}
	c := &connector{
		name: name, addresses: addresses, writeTimeout: writeTimeout, log: log.With("connection", name),
		done: make(chan struct{}), changed: make(chan struct{}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	go c.run(ctx)
	return c, nil
}

func (c *connector) run(ctx context.Context) {
	defer close(c.done)
	defer c.set(nil, ErrClosed)
	pause := newBackoff()
	reported := ""
	for {
		session, err := dialAny(ctx, c.addresses, c.name, c.writeTimeout)
		if err == nil {
			c.log.Info("connected to the broker", "host", session.host)
			reported = ""
			err = c.hold(ctx, session, pause)
		}
		if ctx.Err() != nil {
			return
		}
		c.set(nil, err)
		if text := err.Error(); text != reported {
			reported = text
			c.log.Warn("no connection to the broker, trying again", "error", text)
		}
		if !wait(ctx, pause.NextBackOff()) {
			return
		}
	}
}

// hold makes the session the current one until it is lost or the connector closes.
func (c *connector) hold(ctx context.Context, session *session, pause *backoff.ExponentialBackOff) error {
	defer session.close()
	since := time.Now()
	c.set(session, nil)
	select {
	case <-session.lost:
	case <-ctx.Done():
	}
	if time.Since(since) > stableAfter {
		pause.Reset()
	}
	return session.err()
}

func (c *connector) set(session *session, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current, c.err = session, err
	close(c.changed)
	c.changed = make(chan struct{})
}

// state returns the live session, or why there is none. Both are nil while
// the first attempt is under way. changed is closed on the next change.
func (c *connector) state() (session *session, changed <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current, c.changed, c.err
}

// first returns the live session. When there is none it fails at once, except that it
// waits for the end of the first attempt to connect.
func (c *connector) first(ctx context.Context) (*session, error) {
	for {
		session, changed, err := c.state()
		switch {
		case session != nil:
			return session, nil
		case err != nil:
			return nil, unavailable(err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// wait waits until there is a live session, and returns it.
func (c *connector) wait(ctx context.Context) (*session, error) {
	for {
		session, changed, _ := c.state()
		if session != nil {
			return session, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// close ends the connection and waits until it is gone.
func (c *connector) close() {
	c.cancel()
	<-c.done
}

// newBackoff returns pauses that double from 100 ms to 5 s, each varied at random by
// up to half.
func newBackoff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     100 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         5 * time.Second,
	}
}

// wait waits for the pause. It returns false when ctx ended first.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
