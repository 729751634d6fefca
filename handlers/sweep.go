package handlers

import (
	"context"
	"time"
)

// sweepLimit is how many waiting postbacks one round takes.
const sweepLimit = 500

// Sweep decides waiting postbacks that nothing else woke: those whose wait is
// over become unmatched, and those whose click was written by a process that
// died right afterwards are matched. It works until nothing is due; several
// processes may do so at once.
func (p *Postbacks) Sweep(ctx context.Context) error {
	for {
		due, err := p.options.Records.DueWaiting(ctx, p.options.Now(), sweepLimit)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := p.Reconsider(ctx, due); err != nil {
			return err
		}
		if len(due) < sweepLimit {
			return nil
		}
	}
}

// SweepEvery sweeps now and at each interval until ctx ends. What a sweep
// meets goes to report; the next one tries again.
func (p *Postbacks) SweepEvery(ctx context.Context, interval time.Duration, report func(error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := p.Sweep(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
