package main

import (
	"context"
	"errors"
	"syscall"
	"time"

	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/poll"
)

// killWorkers kills one worker after the other, sometimes both at once, and starts them
// again after a moment.
func killWorkers(ctx context.Context, r *round) error {
	return r.killOver(ctx, r.system.Workers)
}

func killReceivers(ctx context.Context, r *round) error {
	return r.killOver(ctx, r.system.Receivers)
}

func (r *round) killOver(ctx context.Context, processes []*system.Process) error {
	for round := 0; r.pause(ctx, 300*time.Millisecond, 2500*time.Millisecond); round++ {
		victims := processes[round%len(processes) : round%len(processes)+1]
		if round%5 == 4 {
			victims = processes
		}
		for _, victim := range victims {
			r.fault("kill -9 %s", victim.Name)
			if err := victim.Kill(ctx); err != nil {
				return err
			}
		}
		r.pause(ctx, 50*time.Millisecond, 800*time.Millisecond)
		if err := r.each(victims, func(p *system.Process) error { return p.Revive(ctx) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// stallTime is longer than the broker waits for a heartbeat.
const stallTime = 28 * time.Second

// hangWorker freezes a worker until the broker has delivered all its hits to the other
// worker, and then lets it continue with them.
func hangWorker(ctx context.Context, r *round) error {
	r.pause(ctx, 2*time.Second, 3*time.Second)
	p := r.system.Workers[0]
	r.fault("SIGSTOP %s for %s", p.Name, stallTime)
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	waiting := poll.Sleep(ctx, stallTime)
	return errors.Join(waiting, p.Signal(syscall.SIGCONT))
}
