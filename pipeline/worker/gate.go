package worker

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	firstPause = 100 * time.Millisecond
	// longestPause is also about how long work stands still after the end of
	// a long outage.
	longestPause = 5 * time.Second
)

// gate holds everybody back while something that all need is out of reach.
// The first who meets an outage shuts it, for a pause that doubles with each
// further outage; after the pause all try again. One success opens it.
type gate struct {
	logger  *slog.Logger
	observe func(*Hold)

	mu       sync.Mutex
	outages  int
	since    time.Time
	opensAt  time.Time
	reopened chan struct{}
	passes   map[string]uint64
}

func newGate(logger *slog.Logger, observe func(*Hold)) *gate {
	return &gate{logger: logger, observe: observe, passes: map[string]uint64{}}
}

// passed is how many messages of a topic have passed so far.
func (g *gate) passed(topic string) uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passes[topic]
}

// wait returns when the gate is open, or with the cause of ctx's end, but not
// later than until: those who wait may find the gate shut again by others each
// time that it opens.
func (g *gate) wait(ctx context.Context, until time.Time) error {
	for {
		g.mu.Lock()
		pause, reopened := time.Until(g.opensAt), g.reopened
		g.mu.Unlock()
		left := time.Until(until)
		if pause <= 0 || left <= 0 {
			if ctx.Err() != nil && reopened != nil {
				return context.Cause(ctx)
			}
			return nil
		}
		timer := time.NewTimer(min(pause, left))
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-reopened:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// shut closes the gate after an outage. Those who meet the same outage at the
// same time do not prolong it.
func (g *gate) shut(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if now.Before(g.opensAt) {
		return
	}
	if g.outages == 0 {
		g.since = now
		g.reopened = make(chan struct{})
		g.observe(&Hold{Since: now, Cause: err})
		g.logger.Warn("handling is held back until what failed is in reach again", "error", lineOf(err))
	}
	pause := min(firstPause<<min(g.outages, 10), longestPause)
	g.outages++
	g.opensAt = now.Add(pause/2 + rand.N(pause/2))
}

// open counts a message that passed, and ends the outage if there was one.
func (g *gate) open(topic string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passes[topic]++
	if g.outages == 0 {
		return
	}
	g.logger.Info("handling goes on", "held_for", time.Since(g.since).Round(time.Millisecond).String())
	g.outages, g.opensAt = 0, time.Time{}
	close(g.reopened)
	g.reopened = nil
	g.observe(nil)
}
