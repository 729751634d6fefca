package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"integr8/cmd/bench/load"
	"integr8/cmd/bench/report"
	"integr8/pipeline/hit"
)

// drain lets hits pile up while no worker runs, and measures how fast one
// works them off.
func (b *bench) drain(ctx context.Context) error {
	for round := 1; round <= b.options.some(2); round++ {
		for _, contender := range []string{oneHitMessage, ours} {
			m, err := b.drainOnce(ctx, contenders[contender], round)
			if err != nil {
				return fmt.Errorf("%s: %w", contender, err)
			}
			b.keep(m)
		}
	}
	return nil
}

func (b *bench) drainOnce(ctx context.Context, c contender, round int) (m report.Measurement, err error) {
	m = report.Measurement{Part: partDrain, Contender: c.name, Setting: fmt.Sprintf("%d hits", b.options.Backlog), Round: round}
	ids, err := b.ground.clear(ctx, b.options.Backlog)
	if err != nil {
		return m, err
	}
	f, err := b.start(ctx, c, b.ground, 0)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	if err := b.pile(ctx, f, ids); err != nil {
		return m, err
	}
	first, err := b.read(ctx, &fleet{receiver: f.receiver}, b.ground)
	if err != nil {
		return m, err
	}
	if err := b.addWorkers(ctx, f, c, b.ground, 1); err != nil {
		return m, err
	}
	written, err := b.ground.settled(ctx, len(ids))
	if err != nil {
		return m, err
	}
	last, err := b.read(ctx, f, b.ground)
	if err != nil {
		return m, err
	}
	if written.hits != len(ids) || written.conversions != len(ids) {
		return m, fmt.Errorf("%d postbacks became %d hits and %d conversions", len(ids), written.hits, written.conversions)
	}
	// Without the start of the worker and the last, partly filled batches.
	from, to, hits, err := b.ground.span(ctx, 0.05, 0.95)
	if err != nil {
		return m, err
	}
	m.Seconds = to.Sub(from).Seconds()
	m.Committed = float64(hits) / m.Seconds
	charge(&m, first, last, len(ids))
	return m, nil
}

// pile sends postbacks as fast as they are taken, until all have been.
func (b *bench) pile(ctx context.Context, f *fleet, ids []hit.TransactionID) error {
	sent := b.ground.postbacks(ids)
	result, err := load.Run(ctx, load.Options{
		Address: f.receiver.addr, Connections: b.options.Connections, Request: sent.request, Limit: sent.limit,
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

// memory keeps a backlog for minutes, under fire from as many postbacks as
// are worked off meanwhile, and looks how much memory that takes.
func (b *bench) memory(ctx context.Context) error {
	t := b.trial(partMemory, ours, fmt.Sprintf("%d hits wait for %s", b.options.MemoryHits, b.options.MemoryTime), 1)
	t.warmup, t.duration = b.options.Warmup, b.options.MemoryTime
	sustained, err := b.sustained(ctx, ours)
	if err != nil {
		return err
	}
	const spare = 1.5 // a full backlog makes fuller batches
	prepared := int(spare * sustained * (t.warmup + t.duration).Seconds())
	b.say("storing %d clicks", b.options.MemoryHits+prepared)
	ids, err := b.ground.clear(ctx, b.options.MemoryHits+prepared)
	if err != nil {
		return err
	}
	m, err := b.memoryOnce(ctx, t, ids[:b.options.MemoryHits], ids[b.options.MemoryHits:])
	if err != nil {
		return err
	}
	b.keep(m)
	return nil
}

func (b *bench) memoryOnce(ctx context.Context, t trial, piled, fired []hit.TransactionID) (m report.Measurement, err error) {
	m = report.Measurement{Part: t.part, Contender: t.contender.name, Setting: t.setting, Round: t.round, Seconds: t.duration.Seconds()}
	f, err := b.start(ctx, t.contender, b.ground, 0)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	if err := b.pile(ctx, f, piled); err != nil {
		return m, err
	}
	progress := &progress{db: b.ground.db}
	if err := progress.begin(ctx); err != nil {
		return m, err
	}
	if err := b.addWorkers(ctx, f, t.contender, b.ground, 1); err != nil {
		return m, err
	}
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- progress.follow(following) }()
	w := newWatch(b.ground.db, lookEvery, func(_, newest sample) bool {
		return int64(newest.i) < progress.committed.Load() // more would wait than were piled up
	})
	sent := b.ground.postbacks(fired)
	result, used, err := b.fire(ctx, t, f, sent, w)
	stop()
	if err := errors.Join(err, <-followed); err != nil {
		return m, err
	}
	written, err := b.ground.settled(ctx, len(piled)+result.Accepted)
	if err != nil {
		return m, err
	}
	if written.conversions < len(piled)+result.Accepted {
		return m, fmt.Errorf("%d postbacks were accepted, %d conversions came of them", len(piled)+result.Accepted, written.conversions)
	}
	counted, err := b.ground.committed(ctx, result.From, result.To)
	if err != nil {
		return m, err
	}
	before, err := b.ground.committed(ctx, time.Unix(0, 0), result.To)
	if err != nil {
		return m, err
	}
	m.Accepted, m.Committed = result.PerSecond(), float64(counted.hits)/m.Seconds
	m.Answer, m.Through = report.LatencyOf(result.Latency), report.LatencyOf(w.through)
	m.Backlog = len(piled) + result.Accepted - before.hits
	charge(&m, used.first, used.last, counted.hits)
	if err := b.judge(&m, t, result); err != nil {
		return m, err
	}
	m.Note = fmt.Sprintf("%d hits waited at the end. %s", m.Backlog, m.Note)
	return m, nil
}

// progress follows how many hits have been committed, by Postgres' own
// counters, which are a second late and cost next to nothing.
type progress struct {
	db        *sql.DB
	before    int64
	committed atomic.Int64
}

func (p *progress) inserted(ctx context.Context) (n int64, err error) {
	err = p.db.QueryRowContext(ctx,
		"SELECT coalesce(sum(n_tup_ins), 0) FROM pg_stat_user_tables WHERE relname ~ '^hits_'").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("follow the commits: %w", err)
	}
	return n, nil
}

func (p *progress) begin(ctx context.Context) (err error) {
	p.before, err = p.inserted(ctx)
	return err
}

// follow looks until ctx ends, which is how it is meant to end.
func (p *progress) follow(ctx context.Context) error {
	err := until(ctx, 200*time.Millisecond, func() (bool, error) {
		now, err := p.inserted(ctx)
		p.committed.Store(now - p.before)
		return false, err
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}
