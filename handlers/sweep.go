package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// Sweep checks the waiting postbacks once, unless another worker is doing so
// now. It continues after a postback that cannot be decided, and returns all errors.
func (s *Sweeper) Sweep(ctx context.Context) error {
	sweep, err := s.options.Begin(ctx)
	if err != nil {
		s.handled.reset()
		return err
	}
	if sweep == nil {
		return nil
	}
	return errors.Join(s.match(ctx, sweep), s.endWaits(ctx, sweep), s.dropEndedWaits(ctx), sweep.End())
}

// match searches the clicks of a part of the waiting postbacks. Normally the handler of
// the click decides them; this is a second safeguard.
func (s *Sweeper) match(ctx context.Context, sweep Sweep) error {
	var failed []error
	for range roundPages {
		page, err := step(ctx, s, func(ctx context.Context) ([]attribution.Wait, error) {
			return sweep.Waiting(ctx, s.round, sweepPage)
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		s.round = attribution.Wait{}
		if len(page) == sweepPage {
			s.round = page[sweepPage-1]
		}
		arrived, err := s.arrived(ctx, page)
		if err == nil {
			err = s.decide(ctx, arrived, false)
		}
		if err != nil && stops(err) {
			return errors.Join(append(failed, err)...)
		}
		failed = append(failed, err)
		if len(page) < sweepPage {
			break
		}
	}
	return errors.Join(failed...)
}

// arrived returns the postbacks of a page whose click is recorded.
func (s *Sweeper) arrived(ctx context.Context, page []attribution.Wait) ([]attribution.Wait, error) {
	ids := make([]token.TransactionID, len(page))
	for i, wait := range page {
		ids[i] = token.TransactionID(wait.TransactionID)
	}
	clicks, err := step(ctx, s, func(ctx context.Context) (map[token.TransactionID]attribution.Click, error) {
		return s.options.Waits.Clicks(ctx, ids)
	})
	if err != nil {
		return nil, err
	}
	var arrived []attribution.Wait
	for _, wait := range page {
		if _, ok := clicks[token.TransactionID(wait.TransactionID)]; ok {
			arrived = append(arrived, wait)
		}
	}
	return arrived, nil
}

// endWaits ends the waits that were due before the watermark: the last time of which it is
// known that every click received before it has been handled.
func (s *Sweeper) endWaits(ctx context.Context, sweep Sweep) error {
	state, err := step(ctx, s, func(ctx context.Context) (attribution.SweepState, error) {
		return sweep.State(ctx, s.gap(), s.options.Grace)
	})
	if err != nil {
		s.handled.reset()
		return err
	}
	if state.FirstEnd == nil || state.FirstEnd.After(state.Now) {
		return nil
	}
	backlog, err := step(ctx, s, s.options.Backlog)
	if err != nil {
		s.handled.reset()
		return fmt.Errorf("no wait for a click ends while the backlog of clicks is unknown: %w", err)
	}
	s.handled.observe(state.Now, backlog, state.SteadyWorkers)
	if s.handled.until.IsZero() {
		return nil
	}
	var failed []error
	var last attribution.Wait
	for {
		page, err := step(ctx, s, func(ctx context.Context) ([]attribution.Wait, error) {
			return sweep.Due(ctx, s.handled.until, last, sweepPage)
		})
		if err == nil && len(page) > 0 {
			last = page[len(page)-1]
			err = s.decide(ctx, page, true)
		}
		failed = append(failed, err)
		if err != nil && stops(err) || len(page) < sweepPage {
			return errors.Join(failed...)
		}
	}
}

// dropEndedWaits drops waits that ended more than keepEnded ago, once every dropEvery.
func (s *Sweeper) dropEndedWaits(ctx context.Context) error {
	if time.Since(s.droppedAt) < dropEvery {
		return nil
	}
	_, err := step(ctx, s, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.options.Waits.DropEndedWaits(ctx, keepEnded)
	})
	if err == nil {
		s.droppedAt = time.Now()
	}
	return err
}

// step runs one step of a sweep within Options.Timeout.
func step[T any](ctx context.Context, s *Sweeper, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	return do(ctx)
}

// stops reports whether a sweep must end after an error.
func stops(err error) bool {
	class := failure.Of(err)
	return class == failure.Outage || class == failure.Shutdown
}
