package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/devstack/private"
)

// The drill outage-beyond-window: each server is away for three times as long
// as a postback waits for its click. The grace is longer than a worker takes to
// find back to a server, and than receivers take to hand their spools on.
const (
	outageWindow = 5 * time.Second
	outageGrace  = 10 * time.Second
	outageTime   = 15 * time.Second
)

// outageBeyondWindow takes Postgres away, and then the broker.
func outageBeyondWindow(ctx context.Context, r *round) error {
	stack := r.servers.Stack
	for _, server := range []string{private.Postgres, private.RabbitMQ} {
		r.pause(ctx, 3*time.Second, 4*time.Second)
		r.fault("%s is away for %s, and a postback waits for %s", server, outageTime, outageWindow)
		if err := stack.Kill(ctx, server); err != nil {
			return err
		}
		waiting := hold(ctx, outageTime)
		if err := errors.Join(waiting, stack.Start(context.WithoutCancel(ctx), server)); err != nil {
			return err
		}
		r.say("%s answers again", server)
		r.pause(ctx, outageGrace, outageGrace+time.Second)
	}
	return ctx.Err()
}

// waitsEnd waits until the wait of every postback is over, so that those whose
// click was never made are told from the others.
func waitsEnd(ctx context.Context, r *round) error {
	if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
		return err
	}
	return r.nobodyWaits(ctx)
}

// waiting are the settings of a drill in which postbacks wait for their click
// for so long only.
func waiting(window, grace time.Duration) []string {
	return []string{"INTEGR8_LATE_CLICKS=" + window.String(), "INTEGR8_LATE_GRACE=" + grace.String()}
}

// shortWait tells the model the same. endsEarly says that waits end before their
// clicks are written, which then wake the postbacks.
func shortWait(window, grace time.Duration, endsEarly bool) func(context.Context, *round) error {
	return func(_ context.Context, r *round) error {
		r.system.World.LateClicks, r.system.World.LateGrace, r.system.World.EndsEarly = window, grace, endsEarly
		return nil
	}
}
