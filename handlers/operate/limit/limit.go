// Package limit bounds how often each of many callers may ask, in bounded memory.
package limit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bounds how often each caller may ask, whom a key of type K identifies. It is safe
// for concurrent use.
type Limits[K comparable] struct {
	perSecond rate.Limit
	burst     int

	mu sync.Mutex
	// Of Most keys the bounds are kept: when newer is full, older is dropped. A key
	// that is forgotten begins anew.
	newer, older map[K]*rate.Limiter
}

// Most bounds the memory: each key is in newer or in older, which have half of it.
const Most = 8192

// New allows each key burst requests at once, and so many a second after those; a rate of
// 0 sets no bound.
func New[K comparable](perSecond float64, burst int) *Limits[K] {
	l := &Limits[K]{perSecond: rate.Limit(perSecond), burst: burst, newer: map[K]*rate.Limiter{}}
	if perSecond == 0 {
		l.perSecond = rate.Inf
	}
	return l
}

// Wait returns what Take would, and takes nothing.
func (l *Limits[K]) Wait(key K, now time.Time) time.Duration {
	asked := l.of(key).ReserveN(now, 1)
	wait := asked.DelayFrom(now)
	asked.CancelAt(now)
	return wait
}

// Take returns how long a key has to wait until its next request; 0 when this one is
// within the rate.
func (l *Limits[K]) Take(key K, now time.Time) time.Duration {
	taken := l.of(key).ReserveN(now, 1)
	wait := taken.DelayFrom(now)
	if wait > 0 {
		taken.CancelAt(now) // a refused request takes nothing
	}
	return wait
}

// Size returns of how many keys the bounds are kept.
func (l *Limits[K]) Size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.newer) + len(l.older)
}

func (l *Limits[K]) of(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.newer[key]
	if found != nil {
		return found
	}
	if found = l.older[key]; found == nil {
		found = rate.NewLimiter(l.perSecond, l.burst)
	}
	if len(l.newer) >= Most/2 {
		l.older, l.newer = l.newer, map[K]*rate.Limiter{}
	}
	l.newer[key] = found
	return found
}
