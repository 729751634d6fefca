package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/cmd/bench/load"
	"integr8/cmd/bench/report"
)

// drain lets hits pile up while no worker runs, and measures how fast one worker
// handles them.
func (b *bench) drain(ctx context.Context, round int) error {
	t := b.trial(partDrain, fmt.Sprintf("%d hits", b.options.backlog), round)
	t.contender, t.pile, t.workers = contenders[ours], b.options.backlog, 0
	ids, err := t.ground.clear(ctx, t.pile)
	if err != nil {
		return err
	}
	f, err := b.start(ctx, t, t.ground.postbacks(ids))
	if err != nil {
		return err
	}
	m := t.measurement()
	if err := errors.Join(b.workOff(ctx, t, f, &m), f.stop()); err != nil {
		return err
	}
	b.keep(m)
	return nil
}

func (b *bench) workOff(ctx context.Context, t trial, f *fleet, m *report.Measurement) error {
	first, err := b.read(ctx, f, t.ground)
	if err != nil {
		return err
	}
	if err := b.addWorkers(ctx, f, t, 1); err != nil {
		return err
	}
	written, err := t.ground.settled(ctx, t.pile)
	if err != nil {
		return err
	}
	last, err := b.read(ctx, f, t.ground)
	if err != nil {
		return err
	}
	if written.hits != t.pile || written.conversions != t.pile {
		return fmt.Errorf("%d postbacks became %d hits and %d conversions", t.pile, written.hits, written.conversions)
	}
	// The start of the worker and the last, partly filled batches are left out.
	from, to, hits, err := t.ground.span(ctx, 0.05, 0.95)
	if err != nil {
		return err
	}
	m.Seconds = to.Sub(from).Seconds()
	m.Committed = float64(hits) / m.Seconds
	charge(m, first, last, t.pile)
	return nil
}

// memory keeps a backlog for minutes, while postbacks arrive at the rate that the
// system sustains without a backlog.
func (b *bench) memory(ctx context.Context, round int) error {
	sustained, err := b.sustained(ctx, ours)
	if err != nil {
		return err
	}
	t := b.trial(partMemory, "", round)
	t.pile, t.rate, t.duration = b.options.memoryHits, sustained, b.options.memoryTime
	return b.take(ctx, t, ours)
}

// pile sends postbacks as fast as they are accepted, until all are.
func (b *bench) pile(ctx context.Context, f *fleet, sent traffic) error {
	const longest = time.Hour // more than they will take
	result, err := load.Run(ctx, load.Options{
		Address: f.receiver.addr, Connections: connections, Request: sent.request, Limit: sent.limit,
		Accepted: sent.accepted, Duration: longest,
	})
	if err != nil {
		return err
	}
	if result.Failed() > 0 {
		return fmt.Errorf("%d of %d postbacks were not accepted (by status, 0 being a broken connection: %v)",
			result.Failed(), result.Sent, result.Others)
	}
	return nil
}
