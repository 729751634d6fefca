package app

import (
	"context"
	"errors"
	"time"

	"integr8/handlers/operate/retention"
)

// forgetInterval is how often dead letters are deleted whose retention is over.
const forgetInterval = 10 * time.Minute

// forgetDeadLetters deletes dead letters whose retention is over, and old failed attempts,
// until ctx ends.
func (p *process) forgetDeadLetters(ctx context.Context) error {
	ticker := time.NewTicker(forgetInterval)
	defer ticker.Stop()
	for {
		if err := p.forgetOnce(ctx); err != nil && ctx.Err() == nil {
			p.logger.Warn("dead letters or failed attempts were not deleted at the end of their retention, trying again in ten minutes", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (p *process) forgetOnce(ctx context.Context) error {
	times, err := p.store.Retention(ctx)
	if err != nil {
		return err
	}
	forgotten, err := p.store.ForgetDeadLetters(ctx, times)
	p.metrics.DeadLettersDeleted(closedLetters, forgotten.Closed)
	p.metrics.DeadLettersDeleted(unknownTokenLetters, forgotten.UnknownToken)
	p.metrics.DeadLettersDeleted(surplusLetters, forgotten.Surplus)
	if forgotten.Closed+forgotten.UnknownToken+forgotten.Surplus > 0 {
		p.logger.Info("dead letters were deleted at the end of their retention",
			"closed", forgotten.Closed, "unknown_token", forgotten.UnknownToken, "surplus", forgotten.Surplus)
	}
	kept := attemptsKept
	if hits := times[retention.Hits]; hits > 0 {
		kept = min(kept, hits)
	}
	return errors.Join(err, p.store.ForgetAttempts(ctx, kept))
}
