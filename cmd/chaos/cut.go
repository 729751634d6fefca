package main

import (
	"context"
	"time"

	"integr8/pipeline/networktest"
)

// pairs are the parties between which a network can fail. A pair is a part of the names
// of its wires.
var pairs = []string{"receiver-1 and broker", "worker-1 and broker", "worker-2 and Postgres", "receiver-2 and Postgres", "clients and receiver-1",
	"receiver-2 and broker", "worker-2 and broker", "worker-1 and Postgres", "receiver-1 and Postgres", "clients and receiver-2"}

// cutNetwork makes the network between each pair fail in turn: it resets connections,
// or lets them fall silent for longer than a heartbeat.
func cutNetwork(ctx context.Context, r *round) error {
	for i := 0; ; i++ {
		pair := pairs[i%len(pairs)]
		if !r.pause(ctx, 300*time.Millisecond, 1200*time.Millisecond) {
			return ctx.Err()
		}
		condition, what := networktest.Condition{Refuse: true}, "reset and refuse"
		if (i+i/len(pairs))%2 == 1 {
			condition, what = networktest.Condition{Hang: true}, "silence"
		}
		r.fault("%s between %s", what, pair)
		for _, wire := range r.network.like(pair) {
			wire.Set(condition)
		}
		r.pause(ctx, 500*time.Millisecond, 3500*time.Millisecond)
		for _, wire := range r.network.like(pair) {
			wire.Set(networktest.Condition{})
			if i%3 == 0 {
				wire.Break() // bytes that were sent during the silence never arrive
			}
		}
	}
}

// slowNetwork makes the network between each pair slow in turn, and sometimes all of
// it.
func slowNetwork(ctx context.Context, r *round) error {
	slow := networktest.Condition{Delay: 150 * time.Millisecond, BytesPerSecond: 256 << 10}
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
			wire.Set(networktest.Condition{})
		}
	}
}
