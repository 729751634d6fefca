package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/stack"
	"integr8/pipeline/networktest"
)

// fillSpools stops the broker until the spools, which are tiny, are full.
func fillSpools(ctx context.Context, r *round) error {
	for r.pause(ctx, 6*time.Second, 8*time.Second) { // a receiver may take 5 s to connect again
		r.fault("the broker is away until the spools are full")
		err := r.servers.Stack.Kill(ctx, stack.RabbitMQ)
		r.pause(ctx, 5*time.Second, 7*time.Second)
		if err := errors.Join(err, r.servers.Start(context.WithoutCancel(ctx), stack.RabbitMQ)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// spoolClicks cuts one receiver off from the broker, so that its clicks come long after
// the postbacks that the other receiver accepts for them.
func spoolClicks(ctx context.Context, r *round) error {
	for i := 0; r.pause(ctx, time.Second, 2*time.Second); i++ {
		pair := []string{"receiver-1 and broker", "receiver-2 and broker"}[i%2]
		r.fault("silence between %s: its clicks are late", pair)
		for _, wire := range r.network.like(pair) {
			wire.Set(networktest.Condition{Hang: true})
		}
		r.pause(ctx, 6*time.Second, 9*time.Second)
		for _, wire := range r.network.like(pair) {
			wire.Set(networktest.Condition{})
			wire.Break()
		}
	}
	return ctx.Err()
}

// killSpooling kills receivers while they can only write to their spool.
func killSpooling(ctx context.Context, r *round) error {
	r.pause(ctx, 2*time.Second, 3*time.Second)
	r.fault("SIGSTOP rabbitmq")
	if err := r.servers.Stack.Pause(ctx, stack.RabbitMQ); err != nil {
		return err
	}
	var err error
	for i := 0; err == nil && r.pause(ctx, 500*time.Millisecond, 2*time.Second); i++ {
		p := r.system.Receivers[i%len(r.system.Receivers)]
		r.fault("kill -9 %s", p.Name)
		if err = p.Kill(ctx); err == nil {
			err = p.Revive(ctx)
		}
	}
	return errors.Join(err, r.servers.Stack.Resume(context.WithoutCancel(ctx), stack.RabbitMQ), ctx.Err())
}

// startAlone makes receivers start and serve while neither server is there.
func startAlone(ctx context.Context, r *round) error {
	r.pause(ctx, 2*time.Second, 3*time.Second)
	r.fault("kill -9 rabbitmq and postgres")
	if err := errors.Join(r.servers.Stack.Kill(ctx, stack.RabbitMQ), r.servers.Stack.Kill(ctx, stack.Postgres)); err != nil {
		return err
	}
	err := r.each(r.system.Processes(), func(p *system.Process) error {
		r.fault("restart %s without servers", p.Name)
		return p.Restart(ctx)
	})
	r.pause(ctx, 4*time.Second, 5*time.Second)
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, r.servers.Start(ctx, stack.Postgres), r.servers.Start(ctx, stack.RabbitMQ))
}
