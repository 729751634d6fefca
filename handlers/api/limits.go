package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds how often each key may ask.
type limits struct {
	perSecond rate.Limit
	burst     int

	mu sync.Mutex
	// Of mostKeys keys the bounds are kept: when newer is full, older is dropped. A key
	// that is forgotten begins anew.
	newer, older map[int64]*rate.Limiter
}

// mostKeys bounds the memory: each key is in newer or in older, which have half of it.
const mostKeys = 8192

// newLimits allows so many requests a second, with twice as many at once; 0 sets no bound.
func newLimits(perSecond int) *limits {
	l := &limits{perSecond: rate.Limit(perSecond), burst: 2 * perSecond, newer: map[int64]*rate.Limiter{}}
	if perSecond == 0 {
		l.perSecond = rate.Inf
	}
	return l
}

// take returns how long a key has to wait until its next request; 0 when this one is
// within the rate.
func (l *limits) take(key int64, now time.Time) time.Duration {
	taken := l.of(key).ReserveN(now, 1)
	wait := taken.DelayFrom(now)
	if wait > 0 {
		taken.CancelAt(now) // a refused request takes nothing
	}
	return wait
}

func (l *limits) of(key int64) *rate.Limiter {
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
		l.older, l.newer = l.newer, map[int64]*rate.Limiter{}
	}
	l.newer[key] = found
	return found
}
