package main

import (
	"context"
	"time"

	"integr8/cmd/devstack/private"
)

func killBroker(ctx context.Context, r *round) error   { return r.killServer(ctx, private.RabbitMQ) }
func killPostgres(ctx context.Context, r *round) error { return r.killServer(ctx, private.Postgres) }

// killServer kills a server again and again under load, and starts it again
// after a moment.
func (r *round) killServer(ctx context.Context, server string) error {
	stack := r.servers.Stack
	for r.pause(ctx, 3*time.Second, 6*time.Second) {
		r.fault("kill -9 %s", server)
		if err := stack.Kill(ctx, server); err != nil {
			return err
		}
		r.pause(ctx, 100*time.Millisecond, 3*time.Second)
		if err := stack.Start(ctx, server); err != nil {
			return err
		}
		r.say("%s answers again", server)
	}
	return ctx.Err()
}

func hangBroker(ctx context.Context, r *round) error   { return r.hangServer(ctx, private.RabbitMQ) }
func hangPostgres(ctx context.Context, r *round) error { return r.hangServer(ctx, private.Postgres) }

// hangTime is how long a server that hangs does so.
const hangTime = 20 * time.Second

// hangServer freezes a server once, in the middle of the load: it takes
// connections and bytes, and never answers.
func (r *round) hangServer(ctx context.Context, server string) error {
	r.pause(ctx, 3*time.Second, 5*time.Second)
	r.fault("SIGSTOP %s for %s", server, hangTime)
	if err := r.servers.Stack.Pause(ctx, server); err != nil {
		return err
	}
	waiting := hold(ctx, hangTime)
	if err := r.servers.Stack.Resume(context.WithoutCancel(ctx), server); err != nil {
		return err
	}
	r.say("%s goes on", server)
	return waiting
}
