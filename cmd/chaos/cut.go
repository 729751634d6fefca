package main

import (
	"context"
	"time"

	"integr8/cmd/chaos/network"
)

// pairs are the parties between which a network can fail, by what their
// wires have in common.
var pairs = []string{"receiver-1 and broker", "worker-1 and broker", "worker-2 and Postgres", "receiver-2 and Postgres", "clients and receiver-1",
	"receiver-2 and broker", "worker-2 and broker", "worker-1 and Postgres", "receiver-1 and Postgres", "clients and receiver-2"}

// cutNetwork lets the network between each pair fail in turn: connections are
// reset, or fall silent for longer than a heartbeat.
func cutNetwork(ctx context.Context, r *round) error {
	for i := 0; ; i++ {
		pair := pairs[i%len(pairs)]
		if !r.pause(ctx, 300*time.Millisecond, 1200*time.Millisecond) {
			return ctx.Err()
		}
		condition, what := network.Condition{Refuse: true}, "reset and refuse"
		if (i+i/len(pairs))%2 == 1 {
			condition, what = network.Condition{Hang: true}, "silence"
		}
		r.fault("%s between %s", what, pair)
		for _, wire := range r.network.like(pair) {
			wire.Set(condition)
		}
		r.pause(ctx, 500*time.Millisecond, 3500*time.Millisecond)
		for _, wire := range r.network.like(pair) {
			wire.Set(network.Condition{})
			if i%3 == 0 {
				wire.Break() // what was sent during the silence never arrives
			}
		}
	}
}

// slowNetwork makes the network between each pair slow in turn, and at times
// everywhere.
func slowNetwork(ctx context.Context, r *round) error {
	slow := network.Condition{Delay: 150 * time.Millisecond, BytesPerSecond: 256 << 10}
	for i := 0; ; i++ {
		if !r.pause(ctx, 300*time.Millisecond, time.Second) {
			return ctx.Err()
		}
		affected := pairs[i%len(pairs)]
		if i%6 == 5 {
			affected = " and "
		}
		wires := r.network.like(affected)
		r.fault("slow network on %d wires: %s", len(wires), affected)
		for _, wire := range wires {
			wire.Set(slow)
		}
		r.pause(ctx, time.Second, 3*time.Second)
		for _, wire := range wires {
			wire.Set(network.Condition{})
		}
	}
}
