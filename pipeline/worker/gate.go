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
	// maxPause is also about how long handling still waits after the end of a long
	// outage.
	maxPause = 5 * time.Second
)

// gate holds all handlers while a server that they need cannot be used. The first
// outage shuts it for a pause, which doubles with each further outage. After the pause
// all handlers try again. One success opens it.
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

// passed returns how many messages of a topic were handled successfully so far.
func (g *gate) passed(topic string) uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passes[topic]
}

// wait waits until the gate opens, or until the time until. When ctx ends first it
// returns its cause. The bound is needed because others may shut the gate again each
// time it opens.
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

// shut closes the gate after an outage. It does nothing while the gate is shut, so that
// handlers that fail at the same time do not prolong the pause.
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
		g.logger.Warn("handling is held until the failed server can be used again", "error", lineOf(err))
	}
	pause := min(firstPause<<min(g.outages, 10), maxPause)
	g.outages++
	g.opensAt = now.Add(pause/2 + rand.N(pause/2))
}

// open counts a message that was handled successfully, and ends the outage if there was
// one.
func (g *gate) open(topic string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passes[topic]++
	if g.outages == 0 {
		return
	}
	g.logger.Info("handling continues", "held_for", time.Since(g.since).Round(time.Millisecond).String())
	g.outages, g.opensAt = 0, time.Time{}
	close(g.reopened)
	g.reopened = nil
	g.observe(nil)
}
