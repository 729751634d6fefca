package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/cmd/bench/load"
	"integr8/cmd/bench/report"
)

// kind is the kind of the sent requests.
type kind int

const (
	onlyPostbacks kind = iota
	onlyClicks
	mixed
	crowded // of crowd
)

// clickShare is the share of clicks in the mixture.
const clickShare = 0.7

// trial is one measurement to be made.
type trial struct {
	part, setting string
	round         int
	contender     contender
	ground        *ground
	crowd         *crowd
	kind          kind
	// besides is sent at the same time, and edit runs until the sending ends; both may be
	// nil.
	besides *besides
	edit    func(ctx context.Context) error
	// traced has what runs recorded while hits take long.
	traced bool
	// workers run while it counts; with 0, a worker that is started afterwards handles
	// the accepted hits.
	workers int
	// pile is how many postbacks wait already when the workers start.
	pile int
	// rate makes it an open loop. Without it the loop is closed, and paused by
	// uncommitted hits unless it is a burst.
	rate     float64
	burst    bool
	duration time.Duration
}

func (t trial) measurement() report.Measurement {
	return report.Measurement{
		Subject: report.Subject{Part: t.part, Contender: t.contender.name, Setting: t.setting},
		Round:   t.round, Seconds: t.duration.Seconds(), Offered: t.rate,
	}
}

// measure carries a trial out, from empty tables to the last commit, and checks that
// each accepted hit has its outcome.
func (b *bench) measure(ctx context.Context, t trial) (m report.Measurement, err error) {
	m = t.measurement()
	if t.contender.work == nil {
		t.workers = 0
	}
	sent, piled, err := b.prepare(ctx, t)
	if err != nil {
		return m, err
	}
	f, err := b.start(ctx, t, piled)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	w := newWatch(t.ground.db, nil)
	if t.rate == 0 && !t.burst {
		w.mayGoOn = func(oldest time.Time) bool { return time.Since(oldest) < backlogAge }
	}
	result, meter, err := b.fire(ctx, t, f, sent, w)
	if err != nil {
		return m, err
	}
	if meter.trace != nil {
		m.Note = meter.trace.story()
	}
	if result.Exhausted {
		return m, errors.New("the prepared requests ran out: raise --most")
	}
	m.Accepted = result.PerSecond()
	m.Answer, m.Through = report.LatencyOf(result.Latency), report.LatencyOf(w.through)
	if failed := result.Failed(); failed > 0 {
		m.Note += fmt.Sprintf("%d of %d requests were not accepted (by status, 0 being a broken connection: %v). ", failed, result.Sent, result.Others)
	}
	if t.contender.work == nil { // nothing is ever committed
		charge(&m, meter.first, meter.last, result.Counted)
		return m, nil
	}
	err = b.reconcile(ctx, &m, t, f, sent, result, meter)
	return m, err
}

// prepare empties the tables and makes the requests for the time that counts, and those
// for before.
func (b *bench) prepare(ctx context.Context, t trial) (sent, piled traffic, err error) {
	seconds := (b.options.warmup + t.duration).Seconds()
	n := int(b.options.Most * t.contender.most * seconds)
	if t.rate > 0 {
		n = requests(t.rate, seconds)
	}
	switch t.kind {
	case onlyClicks:
		_, err := t.ground.clear(ctx, 0)
		return t.ground.clicks(n), piled, err
	case mixed:
		ids, err := t.ground.clear(ctx, int(float64(n)*(1-clickShare)))
		return mixture(t.ground.clicks(n), t.ground.postbacks(ids), clickShare), piled, err
	case crowded:
		sent, err := b.prepareCrowd(ctx, t, n, seconds)
		return sent, piled, err
	default:
		ids, err := t.ground.clear(ctx, t.pile+n)
		if err != nil {
			return sent, piled, err
		}
		return t.ground.postbacks(ids[t.pile:]), t.ground.postbacks(ids[:t.pile]), nil
	}
}

// prepareCrowd is prepare for a crowd, and for what is sent besides.
func (b *bench) prepareCrowd(ctx context.Context, t trial, n int, seconds float64) (traffic, error) {
	sales, more := salesFor(n), 0
	t.ground.party = t.crowd.party
	if t.besides != nil {
		more = salesFor(requests(t.besides.rate, seconds))
		t.ground.party = func(i int) (account, offer, publisher int64) {
			if i < sales {
				return t.crowd.party(i)
			}
			return t.besides.crowd.party(i - sales)
		}
	}
	ids, err := t.ground.clear(ctx, sales+more)
	if err != nil {
		return traffic{}, err
	}
	if t.besides != nil {
		t.besides.sent = t.besides.traffic(requests(t.besides.rate, seconds), ids[sales:])
	}
	return t.crowd.traffic(ids[:sales]), nil
}

// fire sends for the time of the trial, while the watch runs. When it returns, the
// watch has seen the hits that it looked for, or has given up.
func (b *bench) fire(ctx context.Context, t trial, f *fleet, sent traffic, w *watch) (*load.Result, *meter, error) {
	watching, stopWatch := context.WithCancel(ctx)
	defer stopWatch()
	watched := make(chan error, 1)
	m := &meter{}
	profiled := func() {}
	if t.traced {
		m.trace = b.newTrace(f, w.age)
	}
	editing, stopEditing := context.WithCancel(ctx)
	defer stopEditing()
	var others errgroup.Group
	options := load.Options{
		Address: f.receiver.addr, Connections: connections, Request: sent.request, Limit: sent.limit,
		Accepted: sent.accepted, Rate: t.rate, Warmup: b.options.warmup, Duration: t.duration,
		Begin: func(from, to time.Time) {
			w.from, w.to = from, to
			go func() { watched <- w.run(watching) }()
			if m.trace != nil {
				go m.trace.run(ctx, from, to)
			}
			m.start(ctx, from, to, func(ctx context.Context) (reading, error) { return b.read(ctx, f, t.ground) })
			profiled = b.profile(ctx, t, f, from, to)
		},
	}
	if t.besides != nil {
		others.Go(func() error { return t.besides.run(ctx, options) })
	}
	if t.edit != nil {
		others.Go(func() error { return t.edit(editing) })
	}
	// Hits behind a pile take as long as the pile.
	if t.workers > 0 && t.pile == 0 {
		options.Observe, options.ObserveEvery = w.add, sampleEvery
		if w.mayGoOn != nil {
			options.Hold = w.valve.pass
		}
	}
	result, err := load.Run(ctx, options)
	stopEditing()
	err = errors.Join(err, others.Wait())
	if m.done == nil { // it never began
		return nil, nil, err
	}
	err = errors.Join(err, m.wait())
	profiled()
	if err == nil {
		err = w.finish(ctx)
	}
	stopWatch()
	return result, m, errors.Join(err, <-watched)
}

// reconcile waits for the last commit, compares the counts, and fills in the committed
// rate.
func (b *bench) reconcile(ctx context.Context, m *report.Measurement, t trial, f *fleet, sent traffic, result *load.Result, used *meter) error {
	if t.workers == 0 { // a burst at the doors: what they took is worked off now
		if err := b.addWorkers(ctx, f, t, 1); err != nil {
			return err
		}
	}
	accepted, all, failed, most := t.pile+result.Accepted, t.pile+result.Sent, result.Failed(), t.pile+sent.postbacks(result.Sent)
	if also := t.besides; also != nil {
		accepted, all, failed = accepted+also.result.Accepted, all+also.result.Sent, failed+also.result.Failed()
		most += also.sent.postbacks(also.result.Sent)
	}
	written, err := t.ground.settled(ctx, accepted)
	if err != nil {
		return err
	}
	if written.conversions > most || failed == 0 && written.conversions != most {
		return fmt.Errorf("%d postbacks were sent and all were accepted, but there are %d conversions", most, written.conversions)
	}
	if written.hits > all {
		return fmt.Errorf("%d hits were sent, but %d have an outcome", all, written.hits)
	}
	hits := result.Counted
	if t.workers > 0 {
		if hits, err = t.ground.committed(ctx, result.From, result.To); err != nil {
			return err
		}
		m.Committed = float64(hits) / m.Seconds
	}
	charge(m, used.first, used.last, hits)
	before, err := t.ground.committed(ctx, time.Unix(0, 0), result.To)
	if waited := t.pile + result.Accepted - before; t.rate > 0 && float64(waited) > t.rate {
		m.Note += fmt.Sprintf("%d hits waited at the end.", waited)
	}
	return err
}
