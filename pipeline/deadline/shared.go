// Package deadline makes contexts with a deadline that many short pieces of work share,
// so that all of them together cost one timer.
package deadline

import (
	"context"
	"sync"
	"time"
)

// parts is into how many parts the bound is divided. All calls of Context within one
// part return the same context.
const parts = 50

// Shared makes contexts with a deadline, one for all work that begins at about the same
// time. A separate context would cost each piece of work a timer, which takes more than
// a microsecond and nearly always expires unused. Shared is safe for concurrent use and
// needs no close: an unused context ends at its deadline.
type Shared struct {
	parent context.Context
	within time.Duration

	mu      sync.Mutex
	began   time.Time
	current context.Context
	// cancel is never called, because the end of one piece of work must not end the
	// others.
	cancel context.CancelFunc
}

// New returns a Shared whose contexts end with parent, or after within.
func New(parent context.Context, within time.Duration) *Shared {
	return &Shared{parent: parent, within: within}
}

// Context returns a context that ends after the bound from now, or at most a fiftieth of
// the bound later.
func (s *Shared) Context() context.Context {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if part := s.within / parts; s.current == nil || now.Sub(s.began) >= part {
		s.began = now
		s.current, s.cancel = context.WithDeadline(s.parent, now.Add(s.within+part))
	}
	return s.current
}
