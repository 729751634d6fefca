package app

import (
	"context"
	"slices"
	"time"

	"integr8/pipeline/rabbit"
)

const (
	// pauseInterval is how often a worker looks which queues are paused: how soon it obeys.
	pauseInterval = time.Second
	// pauseLook bounds one look.
	pauseLook = 5 * time.Second
)

// pauseWatch tells a subscriber which queues are paused. While the database is away, that
// stays as it was.
type pauseWatch struct {
	*process
	pauses *rabbit.Pauses
	// known is closed after the first look that has succeeded.
	known chan struct{}
	told  []string
}

func (p *process) newPauseWatch() *pauseWatch {
	return &pauseWatch{process: p, pauses: &rabbit.Pauses{}, known: make(chan struct{})}
}

func (w *pauseWatch) run(ctx context.Context) error {
	w.repeat(ctx, "looking which queues are paused", pauseInterval, w.look)
	return nil
}

func (w *pauseWatch) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pauseLook)
	defer cancel()
	found, err := w.store.PausedQueues(ctx)
	if err != nil {
		return err
	}
	topics := []string{}
	for _, pause := range found {
		topics = append(topics, pause.Topic)
	}
	w.pauses.Set(topics...)
	if !slices.Equal(topics, w.told) {
		w.logger.Info("which queues are paused has changed", "paused", topics)
		w.told = topics
	}
	select {
	case <-w.known:
	default:
		close(w.known)
	}
	return nil
}

// await waits for the first look; false when ctx ends before.
func (w *pauseWatch) await(ctx context.Context) bool {
	select {
	case <-w.known:
		return true
	case <-ctx.Done():
		return false
	}
}
