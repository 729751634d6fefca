package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/stack"
)

// In the drill outage-beyond-window each server is away for three times as long as a
// postback waits for its click. The grace is longer than a worker takes to connect to a
// server again, and than receivers take to drain their spools.
const (
	outageWindow = 5 * time.Second
	outageGrace  = 10 * time.Second
	outageTime   = 15 * time.Second
)

// outageBeyondWindow stops Postgres, and then the broker.
func outageBeyondWindow(ctx context.Context, r *round) error {
	for _, server := range []stack.Part{stack.Postgres, stack.RabbitMQ} {
		r.pause(ctx, 3*time.Second, 4*time.Second)
		r.fault("%s is away for %s, and a postback waits for %s", server, outageTime, outageWindow)
		if err := r.servers.Stack.Kill(ctx, server); err != nil {
			return err
		}
		waiting := poll.Sleep(ctx, outageTime)
		if err := errors.Join(waiting, r.servers.Start(context.WithoutCancel(ctx), server)); err != nil {
			return err
		}
		r.say("%s answers again", server)
		r.pause(ctx, outageGrace, outageGrace+time.Second)
	}
	return ctx.Err()
}

// waitsEnd waits until the wait of every postback is over, which distinguishes those
// whose click was never made.
func waitsEnd(ctx context.Context, r *round) error {
	if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
		return err
	}
	return r.nobodyWaits(ctx)
}

// waiting returns the settings of a drill in which postbacks wait for their click for
// such a short time.
func waiting(window, grace time.Duration) []string {
	return []string{"INTEGR8_LATE_CLICKS=" + window.String(), "INTEGR8_LATE_GRACE=" + grace.String()}
}

// shortWait sets the same times in the model. endsEarly means that waits end before
// their clicks are written, after which the clicks have the postbacks decided.
func shortWait(window, grace time.Duration, endsEarly bool) func(context.Context, *round) error {
	return func(_ context.Context, r *round) error {
		r.system.World.LateClicks, r.system.World.LateGrace, r.system.World.EndsEarly = window, grace, endsEarly
		return nil
	}
}
