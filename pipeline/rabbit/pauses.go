package rabbit

import (
	"maps"
	"sync"
)

// Pauses says which topics a Subscriber does not take from the broker for now. It is safe
// for concurrent use; the zero value pauses none.
type Pauses struct {
	mu      sync.Mutex
	topics  map[string]bool
	changed chan struct{} // closed and replaced when topics changes; nil until somebody waits
}

// Set replaces the topics that are paused.
func (p *Pauses) Set(topics ...string) {
	paused := make(map[string]bool, len(topics))
	for _, topic := range topics {
		paused[topic] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if maps.Equal(paused, p.topics) {
		return
	}
	p.topics = paused
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// of reports whether a topic is paused. What it returns is closed when that may have
// changed.
func (p *Pauses) of(topic string) (paused bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.topics[topic], p.changed
}
