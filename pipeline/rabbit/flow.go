package rabbit

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// Flow is the work of a Subscriber on one topic.
type Flow struct {
	// Consuming is set while the subscription consumes from its queue, and Paused while it
	// is told not to.
	Consuming, Paused bool
	// Messages counts the AMQP messages that were handed out and are not settled. Hits
	// counts the hits in them, including those that are already settled.
	Messages, Hits int
	// Oldest is when a receiver took the oldest of these AMQP messages, read from the
	// id of its first hit; zero when there is none.
	Oldest time.Time
	// Still is the time since a message was last settled, while messages are handed
	// out; else 0.
	Still time.Duration
	// HitsPerMessage is the mean of the latest AMQP messages; 0 before the first.
	HitsPerMessage float64
	// Redelivered counts the AMQP messages that came although the broker had delivered
	// them before.
	Redelivered uint64
}

// flow keeps the numbers of a Flow. It is updated once an AMQP message, not once a hit.
type flow struct {
	mu        sync.Mutex
	consuming bool
	open      map[*delivery]struct{}
	hits      int
	moved     time.Time // when a message was last settled, or handed out while none was
	mean      mean

	redeliveries uint64
}

func (f *flow) redelivered() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.redeliveries++
}

func (f *flow) consume(consuming bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.consuming = consuming
}

func (f *flow) begin(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) == 0 {
		f.open, f.moved = map[*delivery]struct{}{}, time.Now()
	}
	f.open[d] = struct{}{}
	f.hits += d.counted
	if d.counted > 0 {
		f.mean.add(d.counted)
	}
}

func (f *flow) end(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, d)
	f.hits -= d.counted
	f.moved = time.Now()
}

func (f *flow) read() Flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := Flow{Consuming: f.consuming, Messages: len(f.open), Hits: f.hits, HitsPerMessage: f.mean.value(), Redelivered: f.redeliveries}
	for d := range f.open {
		if now.Oldest.IsZero() || d.received.Before(now.Oldest) {
			now.Oldest = d.received
		}
	}
	if len(f.open) > 0 {
		now.Still = time.Since(f.moved)
	}
	return now
}

// receivedAt returns the time in a hit's id, or arrived for an id without a time.
func receivedAt(id string, arrived time.Time) time.Time {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 {
		return arrived
	}
	return time.Unix(parsed.Time().UnixTime())
}

// mean is a decaying mean of about the latest hundred values.
type mean struct{ count, sum float64 }

const meanDecay = 0.99

func (m *mean) add(n int) {
	m.count = m.count*meanDecay + 1
	m.sum = m.sum*meanDecay + float64(n)
}

func (m *mean) value() float64 {
	if m.count == 0 {
		return 0
	}
	return m.sum / m.count
}
