package main

import (
	"context"
	"time"

	"integr8/cmd/chaos/model"
)

// panicking makes one story in forty begin with a hit at which its handler, or the
// commit of its batch, panics.
func panicking(story int) string {
	switch story % 80 {
	case 20:
		return model.Panics
	case 60:
		return model.CommitPanic
	}
	return ""
}

// exiting makes a few stories begin with a hit that ends its worker at once.
func exiting(story int) string {
	if story%600 == 300 {
		return model.Exits
	}
	return ""
}

// shortRetries makes a hit that keeps failing reach its end within a drill.
const shortRetries = "INTEGR8_CHAOS_RETRY_DELAYS=100ms,200ms,300ms,400ms,500ms"

// supervise restarts workers that have ended by themselves, as a supervisor would,
// until the drill is quiet.
func supervise(ctx context.Context, r *round) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for _, p := range r.system.Workers {
			if p.Running() {
				continue
			}
			r.count()
			if err := p.Start(); err != nil {
				return err
			}
		}
	}
}
