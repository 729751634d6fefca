package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/procfs"

	"integr8/cmd/bench/cost"
	"integr8/cmd/bench/report"
)

// reading is what all that is measured has used up to a moment.
type reading struct {
	at     time.Time
	groups map[string]cost.Usage
	// busy and total are the whole machine's CPU time: in use by processes,
	// and all there was.
	busy, total time.Duration
	// wal is how many bytes Postgres has written ahead.
	wal int64
}

func (b *bench) read(ctx context.Context, f *fleet, g *ground) (reading, error) {
	r := reading{at: time.Now(), groups: map[string]cost.Usage{}}
	for _, group := range []struct {
		name string
		read func() (cost.Usage, error)
	}{
		{report.Receiver, func() (cost.Usage, error) { return usage(f.receiver) }},
		{report.Worker, func() (cost.Usage, error) { return usage(f.workers...) }},
		{report.Broker, b.stack.broker.Usage},
		{report.Postgres, b.stack.postgres.Usage},
		{report.Load, cost.Self},
	} {
		used, err := group.read()
		if err != nil {
			return r, fmt.Errorf("read what %s used: %w", group.name, err)
		}
		r.groups[group.name] = used
	}
	system, err := procfs.NewDefaultFS()
	if err != nil {
		return r, fmt.Errorf("read what the machine does: %w", err)
	}
	stat, err := system.Stat()
	if err != nil {
		return r, fmt.Errorf("read what the machine does: %w", err)
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	all := stat.CPUTotal
	// Time in interrupts is nobody's; what a host takes away is somebody's.
	r.busy = seconds(all.User + all.Nice + all.System + all.Steal)
	r.total = seconds(all.User + all.Nice + all.System + all.Steal + all.Idle + all.Iowait + all.IRQ + all.SoftIRQ)
	r.wal, err = walPosition(ctx, g.db)
	return r, err
}

// meter reads at the beginning and at the end of the time that counts.
type meter struct {
	first, last reading
	err         error
	done        chan struct{}
}

// start begins to wait for the first moment.
func (m *meter) start(ctx context.Context, from, to time.Time, read func(context.Context) (reading, error)) {
	m.done = make(chan struct{})
	go func() {
		defer close(m.done)
		if m.err = sleepUntil(ctx, from); m.err != nil {
			return
		}
		if m.first, m.err = read(ctx); m.err != nil {
			return
		}
		if m.err = sleepUntil(ctx, to); m.err == nil {
			m.last, m.err = read(ctx)
		}
	}()
}

// wait answers once both have been read.
func (m *meter) wait() error {
	if m.done == nil {
		return nil
	}
	<-m.done
	return m.err
}

func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// charge divides what was used between two readings among that many hits.
func charge(m *report.Measurement, first, last reading, hits int) {
	m.CPU, m.PeakMB = map[string]float64{}, map[string]float64{}
	var ours time.Duration
	for group, used := range last.groups {
		spent := used.CPU - first.groups[group].CPU
		ours += spent
		if hits > 0 {
			m.CPU[group] = float64(spent.Microseconds()) / float64(hits)
		}
		m.PeakMB[group] = float64(used.PeakBytes) / 1e6
	}
	if hits > 0 {
		m.WALBytes = float64(last.wal-first.wal) / float64(hits)
	}
	if total := last.total - first.total; total > 0 {
		m.Foreign = max(0, float64(last.busy-first.busy-ours)/float64(total))
	}
}
