package main

import (
	"context"
	"errors"
	"syscall"
	"time"

	"integr8/cmd/chaos/system"
)

// killWorkers kills one worker after the other, and both at once now and
// then, and starts them again after a moment.
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
		for _, victim := range victims {
			if err := victim.Start(); err != nil {
				return err
			}
		}
		for _, victim := range victims {
			if err := victim.Ready(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// stallTime is longer than the broker waits for a sign of life.
const stallTime = 28 * time.Second

// hangWorker freezes a worker until everything that it holds has been given to
// the other one, and lets it go on with it.
func hangWorker(ctx context.Context, r *round) error {
	r.pause(ctx, 2*time.Second, 3*time.Second)
	p := r.system.Workers[0]
	r.fault("SIGSTOP %s for %s", p.Name, stallTime)
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	waiting := hold(ctx, stallTime)
	return errors.Join(waiting, p.Signal(syscall.SIGCONT))
}
