package main

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/cmd/chaos/system"
)

// stopEverything sends SIGTERM to all processes at once, in the middle of a burst, and
// starts them again.
func stopEverything(ctx context.Context, r *round) error {
	for r.pause(ctx, 2*time.Second, 4*time.Second) {
		r.fault("SIGTERM to everything")
		if err := r.each(r.system.Processes(), func(p *system.Process) error { return p.Stop(ctx) }); err != nil {
			return err
		}
		if err := r.each(r.system.Processes(), func(p *system.Process) error { return p.Revive(ctx) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// rollingRestart restarts one process after the other; the others carry the load
// meanwhile.
func rollingRestart(ctx context.Context, r *round) error {
	processes := r.system.Processes()
	for i := 0; r.pause(ctx, 500*time.Millisecond, 1500*time.Millisecond); i++ {
		p := processes[i%len(processes)]
		r.fault("restart %s", p.Name)
		if err := p.Restart(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// each does the same work for every process at the same time.
func (r *round) each(processes []*system.Process, work func(*system.Process) error) error {
	var group errgroup.Group
	for _, p := range processes {
		group.Go(func() error { return work(p) })
	}
	return group.Wait()
}
