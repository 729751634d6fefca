package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds how often each key, or each address, may do something.
type limits[K comparable] struct {
	perSecond rate.Limit
	burst     int

	mu sync.Mutex
	// Of mostKeys the bounds are kept: when newer is full, older is dropped. One that is
	// forgotten begins anew.
	newer, older map[K]*rate.Limiter
}

// mostKeys bounds the memory: each key is in newer or in older, which have half of it.
const mostKeys = 8192

// newLimits allows so many a second, and burst at once; a rate of 0 sets no bound.
func newLimits[K comparable](perSecond rate.Limit, burst int) *limits[K] {
	if perSecond == 0 {
		perSecond = rate.Inf
	}
	return &limits[K]{perSecond: perSecond, burst: burst, newer: map[K]*rate.Limiter{}}
}

// wait returns how long it takes until take returns 0.
func (l *limits[K]) wait(key K, now time.Time) time.Duration {
	asked := l.of(key).ReserveN(now, 1)
	wait := asked.DelayFrom(now)
	asked.CancelAt(now)
	return wait
}

// take takes one, and returns 0; or it returns how long the key has to wait for one.
func (l *limits[K]) take(key K, now time.Time) time.Duration {
	taken := l.of(key).ReserveN(now, 1)
	wait := taken.DelayFrom(now)
	if wait > 0 {
		taken.CancelAt(now) // a refused request takes nothing
	}
	return wait
}

func (l *limits[K]) of(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.newer[key]
	if found != nil {
		return found
	}
	if found = l.older[key]; found == nil {
		found = rate.NewLimiter(l.perSecond, l.burst)
	}
	if len(l.newer) >= mostKeys/2 {
		l.older, l.newer = l.newer, map[K]*rate.Limiter{}
	}
	l.newer[key] = found
	return found
}
