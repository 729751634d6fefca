package main

import (
	"context"
	"fmt"
	"time"

	"integr8/cmd/bench/raw"
	"integr8/cmd/bench/report"
)

// rawBroker measures the broker alone. Its client is this process.
func (b *bench) rawBroker(ctx context.Context, round int) error {
	t := b.trial(partCompare, "", round)
	t.contender = contender{name: rawBroker}
	m, used := t.measurement(), &meter{}
	result, err := raw.Run(ctx, raw.Options{
		URL: b.servers.AMQPURL, Queue: "raw", Warmup: b.options.warmup, Duration: t.duration,
		Unconfirmed: 256, // so that the broker, and not its client, sets the pace
		Begin: func(from, to time.Time) {
			used.start(ctx, from, to, func(ctx context.Context) (reading, error) { return b.read(ctx, &fleet{}, b.ground) })
		},
	})
	if waited := used.wait(); err == nil {
		err = waited
	}
	if err != nil {
		return fmt.Errorf("%s: %w", rawBroker, err)
	}
	m.Accepted = float64(result.Confirmed) / m.Seconds
	m.Committed = float64(result.Consumed) / m.Seconds
	m.Answer, m.Through = report.LatencyOf(result.Confirm), report.LatencyOf(result.Through)
	charge(&m, used.first, used.last, min(result.Confirmed, result.Consumed))
	m.WALBytes = 0
	b.keep(m)
	return nil
}
