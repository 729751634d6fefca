package console

import (
	"sync"
	"time"

	"integr8/handlers/operate/audit"
)

// rates are how many hits a second come into each queue and are settled, from the books
// at two moments. RabbitMQ knows rates of messages only, and only with its management
// plugin. It is safe for concurrent use.
type rates struct {
	mu     sync.Mutex
	at     time.Time
	sums   map[string]sums
	latest map[string][2]float64
}

type sums struct{ promised, settled int64 }

// between bounds the time between two looks that a rate is made of.
const (
	leastBetween = time.Second
	mostBetween  = time.Minute
)

// look takes over what the books say.
func (r *rates) look(balance audit.Balance) {
	now := map[string]sums{}
	for _, receiver := range balance.Receivers {
		sum := now[receiver.Queue]
		now[receiver.Queue] = sums{sum.promised + receiver.Promised, sum.settled + receiver.Settled}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	since := balance.AsOf.Sub(r.at)
	if since < leastBetween {
		return
	}
	r.latest = nil
	if since <= mostBetween {
		r.latest = map[string][2]float64{}
		for queue, sum := range now {
			before := r.sums[queue]
			perSecond := func(n int64) float64 { return float64(max(0, n)) / since.Seconds() }
			r.latest[queue] = [2]float64{perSecond(sum.promised - before.promised), perSecond(sum.settled - before.settled)}
		}
	}
	r.at, r.sums = balance.AsOf, now
}

// of returns the rates of a queue.
func (r *rates) of(queue string) (in, out float64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	latest, known := r.latest[queue]
	return latest[0], latest[1], known
}
