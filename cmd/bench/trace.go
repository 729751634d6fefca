package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/procfs"

	"integr8/cmd/bench/report"
	"integr8/cmd/internal/proctree"
)

const (
	// lookAtMachine is the time between two looks at what runs.
	lookAtMachine = 50 * time.Millisecond
	// stallAge is the age of the oldest hit that is not committed from which hits stall.
	stallAge = 100 * time.Millisecond
)

// trace records what the machine does while a trial counts, and how long hits take then.
type trace struct {
	groups  []tracedGroup
	oldest  func() time.Duration
	moments []moment
	err     error
	done    chan struct{}
}

type tracedGroup struct {
	name  string
	roots []int
	of    proctree.Group
}

// find looks for the processes of the group.
func (g *tracedGroup) find() error {
	g.of = nil
	for _, root := range g.roots {
		found, err := proctree.GroupOf(root)
		if err != nil {
			return err
		}
		g.of = append(g.of, found...)
	}
	return nil
}

// moment is what was used up to a moment.
type moment struct {
	at time.Time
	// oldest is the age of the oldest hit that was looked for and is not committed.
	oldest time.Duration
	// groups are the CPU times of the groups, idle that of the processors without work, and
	// disk that of those that waited for a disk.
	groups              []time.Duration
	all, idle, disk     time.Duration
	waitedForProcessors time.Duration // in which at least one process did
}

// newTrace returns a trace of a fleet. oldest returns the age of the oldest uncommitted hit.
func (b *bench) newTrace(f *fleet, oldest func() time.Duration) *trace {
	return &trace{oldest: oldest, done: make(chan struct{}), groups: []tracedGroup{
		{name: report.Receiver, roots: pids(f.receiver)}, {name: report.Worker, roots: pids(f.workers...)},
		{name: report.Broker, roots: []int{b.broker}}, {name: report.Postgres, roots: []int{b.postgres}},
	}}
}

func pids(services ...*service) (ids []int) {
	for _, s := range services {
		ids = append(ids, s.PID())
	}
	return ids
}

// run looks from one moment until another, or until ctx ends.
func (t *trace) run(ctx context.Context, from, to time.Time) {
	defer close(t.done)
	system, err := procfs.NewDefaultFS()
	if err != nil {
		t.err = fmt.Errorf("read what the machine does: %w", err)
		return
	}
	if sleepUntil(ctx, from) != nil {
		return
	}
	// The connections of the worker are open by now, with a process of Postgres each.
	for i := range t.groups {
		if t.err = t.groups[i].find(); t.err != nil {
			return
		}
	}
	for at := from; at.Before(to); at = at.Add(lookAtMachine) {
		if sleepUntil(ctx, at) != nil {
			return
		}
		now, err := t.look(system)
		if err != nil {
			t.err = err
			return
		}
		t.moments = append(t.moments, now)
	}
}

func (t *trace) look(system procfs.FS) (moment, error) {
	now := moment{at: time.Now(), oldest: t.oldest()}
	for _, group := range t.groups {
		now.groups = append(now.groups, group.of.CPU())
	}
	self, err := proctree.Self()
	if err != nil {
		return now, err
	}
	now.groups = append(now.groups, self.CPU)
	stat, err := system.Stat()
	if err != nil {
		return now, fmt.Errorf("read what the machine does: %w", err)
	}
	now.all, now.idle, now.disk = cpuTime(stat.CPUTotal), seconds(stat.CPUTotal.Idle), seconds(stat.CPUTotal.Iowait)
	if pressure, err := system.PSIStatsForResource("cpu"); err == nil && pressure.Some != nil { // not each kernel has it
		now.waitedForProcessors = time.Duration(pressure.Some.Total) * time.Microsecond
	}
	return now, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// cpuTime is all time of the processors.
func cpuTime(c procfs.CPUStat) time.Duration {
	return seconds(c.User + c.Nice + c.System + c.Steal + c.Idle + c.Iowait + c.IRQ + c.SoftIRQ)
}

// stall is a time in which hits were not committed within stallAge.
type stall struct {
	first, last int // moments
	longest     time.Duration
}

func (t *trace) stalls() (found []stall) {
	for i, now := range t.moments {
		if now.oldest < stallAge || i == 0 {
			continue
		}
		begin := i // when the oldest hit was sent
		for begin > 0 && t.moments[begin].at.After(now.at.Add(-now.oldest)) {
			begin--
		}
		if n := len(found); n > 0 && begin <= found[n-1].last {
			found[n-1].last, found[n-1].longest = i, max(found[n-1].longest, now.oldest)
			continue
		}
		found = append(found, stall{begin, i, now.oldest})
	}
	return found
}

// story says of each stall what ran, beside the whole time.
func (t *trace) story() string {
	stalls := t.stalls()
	if len(stalls) == 0 || len(t.moments) < 2 {
		return ""
	}
	var text strings.Builder
	fmt.Fprintf(&text, "All the time: %s.", t.ran(0, len(t.moments)-1))
	for _, s := range stalls {
		fmt.Fprintf(&text, " Stall at %.1f s, up to %d ms: %s.", t.moments[s.first].at.Sub(t.moments[0].at).Seconds(), s.longest.Milliseconds(), t.ran(s.first, s.last))
	}
	return text.String()
}

// ran says how the time of the processors was spent between two moments.
func (t *trace) ran(first, last int) string {
	from, to := t.moments[first], t.moments[last]
	share := func(d time.Duration) string { return fmt.Sprintf("%.0f %%", 100*float64(d)/float64(to.all-from.all)) }
	var parts []string
	for i, spent := range to.groups {
		name := report.Load
		if i < len(t.groups) {
			name = t.groups[i].name
		}
		parts = append(parts, name+" "+share(spent-from.groups[i]))
	}
	rest := to.all - from.all - (to.idle - from.idle) - (to.disk - from.disk)
	for i, spent := range to.groups {
		rest -= spent - from.groups[i]
	}
	parts = append(parts, "others "+share(max(0, rest)))
	waited := float64(to.waitedForProcessors-from.waitedForProcessors) / float64(to.at.Sub(from.at))
	return fmt.Sprintf("%s, idle %s, waiting for disks %s, somebody waited for a processor %.0f %% of the time",
		strings.Join(parts, ", "), share(to.idle-from.idle), share(to.disk-from.disk), 100*waited)
}
