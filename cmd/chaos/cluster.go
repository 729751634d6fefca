package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"integr8/cmd/devstack/private"
)

// ledQueues are those whose leader is sought out: the two that hits travel.
var ledQueues = []string{"postbacks", "clicks"}

// killLeaders kills the node that leads a queue, again and again.
func killLeaders(ctx context.Context, r *round) error {
	for i := 0; r.pause(ctx, 3*time.Second, 6*time.Second); i++ {
		queue := ledQueues[i%len(ledQueues)]
		node, err := r.system.Leader(ctx, queue)
		if err != nil {
			return err
		}
		r.fault("kill -9 %s, which leads %s", node, queue)
		if err := r.servers.Stack.Kill(ctx, node); err != nil {
			return err
		}
		r.pause(ctx, 2*time.Second, 5*time.Second)
		if err := r.servers.Stack.Start(ctx, node); err != nil {
			return err
		}
		r.say("%s answers again", node)
	}
	return ctx.Err()
}

// cutNodes cuts the node that leads a queue off from the others, again and
// again, and lets it back in.
func cutNodes(ctx context.Context, r *round) error {
	for i := 0; r.pause(ctx, 3*time.Second, 6*time.Second); i++ {
		queue := ledQueues[i%len(ledQueues)]
		node, err := r.system.Leader(ctx, queue)
		if err != nil {
			return err
		}
		number := strings.TrimPrefix(node, private.RabbitMQ+"-")
		r.fault("cut off %s, which leads %s", node, queue)
		err = r.servers.Stack.Cut(ctx, number)
		r.pause(ctx, 3*time.Second, 6*time.Second)
		if err := errors.Join(err, r.servers.Stack.Heal(context.WithoutCancel(ctx), number)); err != nil {
			return err
		}
		r.say("%s is back", node)
	}
	return ctx.Err()
}
