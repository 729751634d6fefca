package main

import (
	"context"
	"time"
)

// clockAhead sets the clock of the first receiver an hour ahead.
func clockAhead(_ context.Context, r *round) error {
	r.fault("the clock of %s is an hour ahead", r.system.Receivers[0].Name)
	r.system.Receivers[0].Set("INTEGR8_CHAOS_CLOCK=1h")
	return nil
}

// clockBehind restarts it with its clock an hour behind.
func clockBehind(ctx context.Context, r *round) error {
	r.pause(ctx, 5*time.Second, 6*time.Second)
	p := r.system.Receivers[0]
	r.fault("the clock of %s is an hour behind", p.Name)
	p.Set("INTEGR8_CHAOS_CLOCK=-1h")
	return p.Restart(ctx)
}
