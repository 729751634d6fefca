package rabbit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// settled is how long a connection must have held before the next attempt
// starts with the shortest pause again.
const settled = 10 * time.Second

// link keeps one connection up until it is closed.
type link struct {
	name         string
	addresses    []address
	writeTimeout time.Duration
	log          *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	current *session
	err     error         // of the last attempt, while there is no session
	changed chan struct{} // closed and replaced when current or err changes
}

// newLink starts to connect in the background.
func newLink(url, name string, writeTimeout time.Duration, log *slog.Logger) (*link, error) {
	addresses, err := parseAddresses(url)
	if err != nil {
		return nil, err
	}
	l := &link{
		name: name, addresses: addresses, writeTimeout: writeTimeout, log: log.With("connection", name),
		done: make(chan struct{}), changed: make(chan struct{}),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	go l.run()
	return l, nil
}

func (l *link) run() {
	defer close(l.done)
	defer l.set(nil, ErrClosed)
	pause := newPause()
	reported := ""
	for {
		session, err := dialAny(l.ctx, l.addresses, l.name, l.writeTimeout)
		if err == nil {
			l.log.Info("connected to the broker", "host", session.host)
			reported = ""
			err = l.hold(session, pause)
		}
		if l.ctx.Err() != nil {
			return
		}
		l.set(nil, err)
		if text := err.Error(); text != reported {
			reported = text
			l.log.Warn("no connection to the broker, trying again", "error", text)
		}
		if !wait(l.ctx, pause.NextBackOff()) {
			return
		}
	}
}

// hold offers the session to users until it is lost or the link closes.
func (l *link) hold(session *session, pause *backoff.ExponentialBackOff) error {
	defer session.close()
	since := time.Now()
	l.set(session, nil)
	select {
	case <-session.lost:
	case <-l.ctx.Done():
	}
	if time.Since(since) > settled {
		pause.Reset()
	}
	return session.err()
}

func (l *link) set(session *session, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current, l.err = session, err
	close(l.changed)
	l.changed = make(chan struct{})
}

// state answers the live session, or why there is none. Both are nil while
// the very first attempt is under way. changed is closed on the next change.
func (l *link) state() (session *session, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current, l.changed, l.err
}

// first answers the live session. It fails at once when there is none, except
// that it waits for the outcome of the very first attempt.
func (l *link) first(ctx context.Context) (*session, error) {
	for {
		session, changed, err := l.state()
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

// wait answers the live session as soon as there is one.
func (l *link) wait(ctx context.Context) (*session, error) {
	for {
		session, changed, _ := l.state()
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
func (l *link) close() {
	l.cancel()
	<-l.done
}

// newPause grows from 100 ms to 5 s, each pause made random by half.
func newPause() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     100 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         5 * time.Second,
	}
}

// wait pauses; false when ctx ended first.
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
