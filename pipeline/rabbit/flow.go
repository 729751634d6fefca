package rabbit

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// Flow is what a Subscriber has of one topic.
type Flow struct {
	// Consuming is set while messages of the topic are taken.
	Consuming bool
	// Messages counts the AMQP messages that were given out and are not settled, and
	// Hits the hits in them, those that are done included.
	Messages, Hits int
	// Oldest is when the oldest of these AMQP messages was received, by the id of its
	// first hit; zero when there is none.
	Oldest time.Time
	// Still is for how long nothing was settled although something was given out.
	Still time.Duration
	// HitsPerMessage is the mean of the latest AMQP messages; 0 before the first.
	HitsPerMessage float64
}

// flow keeps a Flow up to date: once an AMQP message, never once a hit.
type flow struct {
	mu        sync.Mutex
	consuming bool
	open      map[*parcel]struct{}
	hits      int
	moved     time.Time // when something was settled, or given out where nothing was
	mean      mean
}

func (f *flow) consume(consuming bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.consuming = consuming
}

func (f *flow) begin(p *parcel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) == 0 {
		f.open, f.moved = map[*parcel]struct{}{}, time.Now()
	}
	f.open[p] = struct{}{}
	f.hits += p.hits
	f.mean.add(p.hits)
}

func (f *flow) end(p *parcel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, p)
	f.hits -= p.hits
	f.moved = time.Now()
}

func (f *flow) read() Flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := Flow{Consuming: f.consuming, Messages: len(f.open), Hits: f.hits, HitsPerMessage: f.mean.value()}
	for p := range f.open {
		if now.Oldest.IsZero() || p.received.Before(now.Oldest) {
			now.Oldest = p.received
		}
	}
	if len(f.open) > 0 {
		now.Still = time.Since(f.moved)
	}
	return now
}

// receivedAt is the time in a hit's id, or came for an id without one.
func receivedAt(id string, came time.Time) time.Time {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 {
		return came
	}
	return time.Unix(parsed.Time().UnixTime())
}

// mean is that of the latest hundred or so values.
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
