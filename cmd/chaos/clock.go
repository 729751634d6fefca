package main

import (
	"context"
	"time"
)

// clockAhead has the first receiver live an hour in the future.
func clockAhead(_ context.Context, r *round) error {
	r.fault("the clock of %s is an hour ahead", r.system.Receivers[0].Name)
	r.system.Receivers[0].Set("INTEGR8_CHAOS_CLOCK=1h")
	return nil
}

// clockBehind has it, after a restart, live an hour in the past.
func clockBehind(ctx context.Context, r *round) error {
	r.pause(ctx, 5*time.Second, 6*time.Second)
	p := r.system.Receivers[0]
	if err := p.Stop(ctx); err != nil {
		return err
	}
	r.fault("the clock of %s is an hour behind", p.Name)
	p.Set("INTEGR8_CHAOS_CLOCK=-1h")
	if err := p.Start(); err != nil {
		return err
	}
	return p.Ready(ctx)
}
