// Package deadline bounds many short pieces of work at the cost of one.
package deadline

import (
	"context"
	"sync"
	"time"
)

// moments is into how many parts a bound is divided: those that ask in the
// same part share a context.
const moments = 50

// Shared hands out contexts with a deadline, the same one to all that begin in
// the same moment. A context of its own costs each of them a timer, more than
// a microsecond that is nearly always for nothing. It is safe for concurrent
// use and needs no end: a context that nobody waits for goes at its deadline.
type Shared struct {
	parent context.Context
	within time.Duration

	mu      sync.Mutex
	began   time.Time
	current context.Context
	// cancel is never called: the end of one piece of work is not that of
	// those beside it.
	cancel context.CancelFunc
}

// New makes a Shared whose contexts end with parent, or after within.
func New(parent context.Context, within time.Duration) *Shared {
	return &Shared{parent: parent, within: within}
}

// Context answers a context that ends no sooner than the bound from now, and at
// most a fiftieth of it later.
func (s *Shared) Context() context.Context {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if moment := s.within / moments; s.current == nil || now.Sub(s.began) >= moment {
		s.began = now
		s.current, s.cancel = context.WithDeadline(s.parent, now.Add(s.within+moment))
	}
	return s.current
}
