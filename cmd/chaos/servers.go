package main

import (
	"context"
	"time"

	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/stack"
)

func killBroker(ctx context.Context, r *round) error   { return r.killServer(ctx, stack.RabbitMQ) }
func killPostgres(ctx context.Context, r *round) error { return r.killServer(ctx, stack.Postgres) }

// killServer kills a server repeatedly under load, and starts it again after a moment.
func (r *round) killServer(ctx context.Context, server stack.Part) error {
	for r.pause(ctx, 3*time.Second, 6*time.Second) {
		r.fault("kill -9 %s", server)
		if err := r.servers.Stack.Kill(ctx, server); err != nil {
			return err
		}
		r.pause(ctx, 100*time.Millisecond, 3*time.Second)
		if err := r.servers.Start(ctx, server); err != nil {
			return err
		}
		r.say("%s answers again", server)
	}
	return ctx.Err()
}

func hangBroker(ctx context.Context, r *round) error   { return r.hangServer(ctx, stack.RabbitMQ) }
func hangPostgres(ctx context.Context, r *round) error { return r.hangServer(ctx, stack.Postgres) }

// hangTime is how long a server hangs.
const hangTime = 20 * time.Second

// hangServer freezes a server once, in the middle of the load: it accepts connections
// and bytes, and never responds.
func (r *round) hangServer(ctx context.Context, server stack.Part) error {
	r.pause(ctx, 3*time.Second, 5*time.Second)
	r.fault("SIGSTOP %s for %s", server, hangTime)
	if err := r.servers.Stack.Pause(ctx, server); err != nil {
		return err
	}
	waiting := poll.Sleep(ctx, hangTime)
	if err := r.servers.Stack.Resume(context.WithoutCancel(ctx), server); err != nil {
		return err
	}
	r.say("%s goes on", server)
	return waiting
}
