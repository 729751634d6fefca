package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/chaos/cluster"
	"integr8/cmd/internal/stack"
)

// ledQueues are the queues whose leader is searched for: the two that hits use.
var ledQueues = []string{"postbacks", "clicks"}

// killLeaders kills the node that leads a queue, repeatedly.
func killLeaders(ctx context.Context, r *round) error {
	for i := 0; r.pause(ctx, 3*time.Second, 6*time.Second); i++ {
		queue := ledQueues[i%len(ledQueues)]
		number, err := r.system.Leader(ctx, queue)
		if err != nil {
			return err
		}
		node := stack.Node(number)
		r.fault("kill -9 %s, which leads %s", node, queue)
		if err := r.servers.Stack.Kill(ctx, node); err != nil {
			return err
		}
		r.pause(ctx, 2*time.Second, 5*time.Second)
		if err := r.servers.Start(ctx, node); err != nil {
			return err
		}
		r.say("%s answers again", node)
	}
	return ctx.Err()
}

// cutNodes cuts the node that leads a queue off from the others, repeatedly, and
// connects it again.
func cutNodes(ctx context.Context, r *round) error {
	for i := 0; r.pause(ctx, 3*time.Second, 6*time.Second); i++ {
		queue := ledQueues[i%len(ledQueues)]
		number, err := r.system.Leader(ctx, queue)
		if err != nil {
			return err
		}
		node := stack.Node(number)
		r.fault("cut off %s, which leads %s", node, queue)
		err = cluster.Cut(ctx, r.servers.Stack, number)
		r.pause(ctx, 3*time.Second, 6*time.Second)
		if err := errors.Join(err, cluster.Heal(context.WithoutCancel(ctx), r.servers.Stack, number)); err != nil {
			return err
		}
		r.say("%s is back", node)
	}
	return ctx.Err()
}
