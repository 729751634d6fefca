package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// shortWait tells the model that postbacks wait for their click for a few
// seconds only, as the settings of the drill say, and that what this leaves
// unmatched is replayed.
func shortWait(_ context.Context, r *round) error {
	r.system.World.LateClicks = 3 * time.Second
	r.system.World.Replayed = true
	return nil
}

// replayUnmatched waits until nobody waits for a click any more, and replays
// what has not been matched, twice at the same time and while workers are
// killed.
func replayUnmatched(ctx context.Context, r *round) error {
	if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
		return err
	}
	if err := r.nobodyWaits(ctx); err != nil {
		return err
	}
	var group errgroup.Group
	for range 2 {
		group.Go(func() error {
			r.fault("replay what is unmatched")
			_, err := r.system.Integr8(ctx, "dead", "replay", "--reason", "click_never_came", "--rate", "100/s")
			return err
		})
	}
	var errs []error
	for _, p := range r.system.Workers {
		errs = append(errs, hold(ctx, 500*time.Millisecond))
		r.fault("kill -9 %s", p.Name)
		errs = append(errs, p.Kill(ctx), p.Start(), p.Ready(ctx))
	}
	return errors.Join(append(errs, group.Wait())...)
}

// nobodyWaits waits until the wait of every postback is over: workers look
// every 10 s.
func (r *round) nobodyWaits(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("postbacks still wait a minute after the last one came"))
	defer cancel()
	for {
		var waiting int
		if err := r.system.DB.QueryRowContext(ctx, "SELECT count(*) FROM waiting_postbacks").Scan(&waiting); err != nil {
			return fmt.Errorf("count the waiting postbacks: %w", err)
		}
		if waiting == 0 {
			return nil
		}
		if err := hold(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
}
