package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/chaos/network"
	"integr8/cmd/chaos/system"
	"integr8/cmd/devstack/private"
)

// fillSpools takes the broker away until the spools, which are tiny, are full.
func fillSpools(ctx context.Context, r *round) error {
	for r.pause(ctx, 6*time.Second, 8*time.Second) { // a receiver may take 5 s to connect again
		r.fault("the broker is away until the spools are full")
		err := r.servers.Stack.Kill(ctx, private.RabbitMQ)
		r.pause(ctx, 5*time.Second, 7*time.Second)
		if err := errors.Join(err, r.servers.Stack.Start(context.WithoutCancel(ctx), private.RabbitMQ)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// spoolClicks cuts one receiver off the broker, so that the clicks that it
// takes come long after the postbacks that the other one takes for them.
func spoolClicks(ctx context.Context, r *round) error {
	for i := 0; r.pause(ctx, time.Second, 2*time.Second); i++ {
		pair := []string{"receiver-1 and broker", "receiver-2 and broker"}[i%2]
		r.fault("silence between %s: its clicks are late", pair)
		for _, wire := range r.network.like(pair) {
			wire.Set(network.Condition{Hang: true})
		}
		r.pause(ctx, 6*time.Second, 9*time.Second)
		for _, wire := range r.network.like(pair) {
			wire.Set(network.Condition{})
			wire.Break()
		}
	}
	return ctx.Err()
}

// killSpooling kills receivers while all they have is their spool.
func killSpooling(ctx context.Context, r *round) error {
	r.pause(ctx, 2*time.Second, 3*time.Second)
	r.fault("SIGSTOP rabbitmq")
	if err := r.servers.Stack.Pause(ctx, private.RabbitMQ); err != nil {
		return err
	}
	var err error
	for i := 0; err == nil && r.pause(ctx, 500*time.Millisecond, 2*time.Second); i++ {
		p := r.system.Receivers[i%len(r.system.Receivers)]
		r.fault("kill -9 %s", p.Name)
		if err = p.Kill(ctx); err != nil {
			break
		}
		if err = p.Start(); err == nil {
			err = p.Ready(ctx)
		}
	}
	return errors.Join(err, r.servers.Stack.Resume(context.WithoutCancel(ctx), private.RabbitMQ), ctx.Err())
}

// startAlone has receivers start and serve while neither server is there.
func startAlone(ctx context.Context, r *round) error {
	r.pause(ctx, 2*time.Second, 3*time.Second)
	stack := r.servers.Stack
	r.fault("kill -9 rabbitmq and postgres")
	if err := errors.Join(stack.Kill(ctx, private.RabbitMQ), stack.Kill(ctx, private.Postgres)); err != nil {
		return err
	}
	err := r.each(r.system.Processes(), func(p *system.Process) error {
		r.fault("restart %s without servers", p.Name)
		if err := p.Stop(ctx); err != nil {
			return err
		}
		if err := p.Start(); err != nil {
			return err
		}
		return p.Ready(ctx)
	})
	r.pause(ctx, 4*time.Second, 5*time.Second)
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, stack.Start(ctx, private.Postgres), stack.Start(ctx, private.RabbitMQ))
}
