package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/cmd/internal/poll"

	"golang.org/x/sync/errgroup"
)

// The wait in the drill replay is so short that it ends while the click is in a
// receiver's spool. The grace is far shorter than a worker that is killed takes with a
// hit. A wait that therefore ends too early is corrected when the click comes.
const (
	replayWindow = 3 * time.Second
	replayGrace  = time.Second
)

// spoolClicksAndReplay keeps clicks in the spool of one receiver, and meanwhile
// repeatedly replays the postbacks that are unmatched without them.
func spoolClicksAndReplay(ctx context.Context, r *round) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return spoolClicks(ctx, r) })
	group.Go(func() error {
		for r.pause(ctx, 2*time.Second, 3*time.Second) {
			if err := r.replay(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

func (r *round) replay(ctx context.Context) error {
	r.fault("replay what is unmatched")
	_, err := r.system.Integr8(ctx, "dead", "replay", "--reason", "click_never_came", "--rate", "100/s")
	return err
}

// replayUnmatched waits until no postback waits for a click, and replays the unmatched
// ones, twice at the same time and while workers are killed. All of them wait once
// more, and that wait ends.
func replayUnmatched(ctx context.Context, r *round) error {
	if err := waitsEnd(ctx, r); err != nil {
		return err
	}
	var group errgroup.Group
	for range 2 {
		group.Go(func() error { return r.replay(ctx) })
	}
	var errs []error
	for _, p := range r.system.Workers {
		errs = append(errs, poll.Sleep(ctx, 500*time.Millisecond))
		r.fault("kill -9 %s", p.Name)
		errs = append(errs, p.Kill(ctx), p.Revive(ctx))
	}
	if err := errors.Join(append(errs, group.Wait())...); err != nil {
		return err
	}
	return waitsEnd(ctx, r)
}

// nobodyWaits waits until the wait of every postback is over.
func (r *round) nobodyWaits(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("postbacks still wait a minute after the last one came"))
	defer cancel()
	return poll.Until(ctx, 250*time.Millisecond, func() (bool, error) {
		var waiting int
		if err := r.system.DB.QueryRowContext(ctx, "SELECT count(*) FROM waiting_postbacks").Scan(&waiting); err != nil {
			return false, fmt.Errorf("count the waiting postbacks: %w", err)
		}
		return waiting == 0, nil
	})
}
