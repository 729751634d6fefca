package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/procfs"

	"integr8/cmd/bench/report"
	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/proctree"
)

// reading is the total use up to a moment.
type reading struct {
	at     time.Time
	groups map[string]proctree.Usage
	// busy and total are the machine's CPU time: that used by processes, and all of it.
	busy, total time.Duration
	// wal is how many bytes of write-ahead log Postgres has written.
	wal int64
}

func (b *bench) read(ctx context.Context, f *fleet, g *ground) (reading, error) {
	r := reading{at: time.Now(), groups: map[string]proctree.Usage{}}
	for _, group := range []struct {
		name string
		read func() (proctree.Usage, error)
	}{
		{report.Receiver, func() (proctree.Usage, error) { return usage(f.receiver) }},
		{report.Worker, func() (proctree.Usage, error) { return usage(f.workers...) }},
		{report.Broker, func() (proctree.Usage, error) { return proctree.UsageOf(b.broker) }},
		{report.Postgres, func() (proctree.Usage, error) { return proctree.UsageOf(b.postgres) }},
		{report.Load, proctree.Self},
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
	all := stat.CPUTotal
	// Time in interrupts belongs to no process; time that a host takes away is used by
	// another machine.
	r.busy = seconds(all.User + all.Nice + all.System + all.Steal)
	r.total = cpuTime(all)
	r.wal, err = walPosition(ctx, g.db)
	return r, err
}

// meter reads at the begin and at the end of the time that counts.
type meter struct {
	first, last reading
	err         error
	done        chan struct{}
	// trace may be nil.
	trace *trace
}

// start waits for both moments in the background.
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

// wait returns once both have been read.
func (m *meter) wait() error {
	if m.done == nil {
		return nil
	}
	<-m.done
	if m.trace != nil {
		<-m.trace.done
		return errors.Join(m.err, m.trace.err)
	}
	return m.err
}

func sleepUntil(ctx context.Context, at time.Time) error { return poll.Sleep(ctx, time.Until(at)) }

// charge divides the use between two readings by the number of hits.
func charge(m *report.Measurement, first, last reading, hits int) {
	m.CPU = map[string]float64{}
	m.ReceiverMB = float64(last.groups[report.Receiver].PeakBytes) / 1e6
	m.WorkerMB = float64(last.groups[report.Worker].PeakBytes) / 1e6
	var ours time.Duration
	for group, used := range last.groups {
		spent := used.CPU - first.groups[group].CPU
		ours += spent
		if hits > 0 {
			m.CPU[group] = float64(spent.Microseconds()) / float64(hits)
		}
	}
	if hits > 0 {
		m.WALBytes = float64(last.wal-first.wal) / float64(hits)
	}
	if total := last.total - first.total; total > 0 {
		m.Foreign = max(0, float64(last.busy-first.busy-ours)/float64(total))
	}
}
