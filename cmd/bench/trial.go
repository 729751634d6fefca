package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"integr8/cmd/bench/load"
	"integr8/cmd/bench/report"
)

// kind is what is sent.
type kind int

const (
	onlyPostbacks kind = iota
	onlyClicks
	mixed
)

// clickShare is the share of clicks in the mixture.
const clickShare = 0.7

// trial is one measurement to be taken.
type trial struct {
	part, setting string
	round         int
	contender     contender
	ground        *ground
	kind          kind
	workers       int
	// rate makes it an open loop. Without it the loop is closed, and held
	// back by what is not committed yet, unless it is a burst.
	rate             float64
	burst            bool
	warmup, duration time.Duration
}

// measure carries a trial out, from empty tables to the last commit, and makes
// sure that each hit that was accepted has its outcome.
func (b *bench) measure(ctx context.Context, t trial) (m report.Measurement, err error) {
	m = report.Measurement{Part: t.part, Contender: t.contender.name, Setting: t.setting, Round: t.round,
		Seconds: t.duration.Seconds(), Offered: t.rate}
	sent, err := b.prepare(ctx, t)
	if err != nil {
		return m, err
	}
	f, err := b.start(ctx, t.contender, t.ground, t.workers)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	for _, server := range []interface{ ResetPeak() error }{b.stack.broker, b.stack.postgres} {
		if err := server.ResetPeak(); err != nil {
			return m, err
		}
	}

	w := newWatch(t.ground.db, lookEvery, nil)
	if t.rate == 0 && !t.burst {
		w.mayGoOn = func(oldest, _ sample) bool { return time.Since(oldest.from) < b.options.Delay }
	}
	result, meter, err := b.fire(ctx, t, f, sent, w)
	if err != nil {
		return m, err
	}
	m.Accepted = result.PerSecond()
	m.Answer = report.LatencyOf(result.Latency)
	if t.contender.work == nil { // nothing is ever committed
		charge(&m, meter.first, meter.last, result.Counted)
		return m, b.judge(&m, t, result)
	}
	m.Through = report.LatencyOf(w.through)
	return m, b.reconcile(ctx, &m, t, f, sent, result, meter)
}

const (
	// lookEvery is how often it is looked for what has been committed.
	lookEvery = 3 * time.Millisecond
	// sampleEvery is how often an accepted hit is looked for.
	sampleEvery = 5 * time.Millisecond
)

// prepare empties the tables and makes what is to be sent.
func (b *bench) prepare(ctx context.Context, t trial) (traffic, error) {
	seconds := (t.warmup + t.duration).Seconds()
	n := int(b.options.Most * t.contender.most * seconds)
	if t.rate > 0 {
		n = int(t.rate*seconds*1.1) + 1000
	}
	switch t.kind {
	case onlyClicks:
		_, err := t.ground.clear(ctx, 0)
		return t.ground.clicks(n), err
	case mixed:
		ids, err := t.ground.clear(ctx, int(float64(n)*(1-clickShare)))
		return mixture(t.ground.clicks(n), t.ground.postbacks(ids), clickShare), err
	default:
		ids, err := t.ground.clear(ctx, n)
		return t.ground.postbacks(ids), err
	}
}

// fire sends for the time of the trial, under the watch's eyes. When it
// returns, what the watch looked for has been seen, or its patience is over.
func (b *bench) fire(ctx context.Context, t trial, f *fleet, sent traffic, w *watch) (*load.Result, *meter, error) {
	watching, stopWatch := context.WithCancel(ctx)
	defer stopWatch()
	watched := make(chan error, 1)
	m := &meter{}
	profiled := func() {}
	options := load.Options{
		Address: f.receiver.addr, Connections: b.options.Connections, Request: sent.request, Limit: sent.limit,
		Accepted: sent.accepted, Rate: t.rate, Warmup: t.warmup, Duration: t.duration,
		Begin: func(from, to time.Time) {
			w.from, w.to = from, to
			go func() { watched <- w.run(watching) }()
			m.start(ctx, from, to, func(ctx context.Context) (reading, error) { return b.read(ctx, f, t.ground) })
			profiled = b.profile(ctx, t, f, from, to)
		},
	}
	if t.workers > 0 {
		options.Observe, options.ObserveEvery = w.add, sampleEvery
		if w.mayGoOn != nil {
			options.Hold = w.valve.pass
		}
	}
	result, err := load.Run(ctx, options)
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

// reconcile waits for the last commit, compares, and fills in what was
// committed.
func (b *bench) reconcile(ctx context.Context, m *report.Measurement, t trial, f *fleet, sent traffic, result *load.Result, used *meter) error {
	if t.workers == 0 { // a burst at the doors: what they took is worked off now
		if err := b.addWorkers(ctx, f, t.contender, t.ground, 1); err != nil {
			return err
		}
	}
	written, err := t.ground.settled(ctx, result.Accepted)
	if err != nil {
		return err
	}
	if most := sent.postbacks(result.Sent); written.conversions > most || result.Failed() == 0 && written.conversions != most {
		return fmt.Errorf("%d postbacks were sent and all were accepted, but there are %d conversions", most, written.conversions)
	}
	if written.hits > result.Sent {
		return fmt.Errorf("%d hits were sent, but %d have an outcome", result.Sent, written.hits)
	}
	counted, err := t.ground.committed(ctx, result.From, result.To)
	if err != nil {
		return err
	}
	before, err := t.ground.committed(ctx, time.Unix(0, 0), result.To)
	if err != nil {
		return err
	}
	m.Backlog = max(0, result.Accepted-before.hits)
	hits := counted.hits
	if t.workers == 0 {
		hits = result.Counted
	} else {
		m.Committed = float64(counted.hits) / m.Seconds
		m.HitsATransaction = float64(counted.hits) / float64(max(1, counted.transactions))
	}
	charge(m, used.first, used.last, hits)
	m.HitsAMessage = f.hitsAMessage()
	return b.judge(m, t, result)
}

// judge notes what a reader has to know, and refuses what says nothing.
func (b *bench) judge(m *report.Measurement, t trial, result *load.Result) error {
	if result.Exhausted {
		return fmt.Errorf("%s: the prepared requests ran out: raise --most", t.contender.name)
	}
	var notes []string
	if failed := result.Failed(); failed > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d requests were not accepted (by status, 0 being a broken connection: %v)",
			failed, result.Sent, result.Others))
	}
	if t.rate > 0 && float64(m.Backlog) > t.rate {
		notes = append(notes, fmt.Sprintf("%d hits waited at the end: this load is not sustained", m.Backlog))
	}
	m.Note = strings.Join(notes, "; ")
	return nil
}

// hitsAMessage reads from the receiver's metrics how many hits shared a
// message; 0 when it does not tell.
func (f *fleet) hitsAMessage() float64 {
	if f.receiver.admin == "" {
		return 0
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + f.receiver.admin + "/metrics")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	var hits, messages float64
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
		case strings.HasPrefix(name, "integr8_batch_hits_sum"):
			hits += number
		case strings.HasPrefix(name, "integr8_batch_hits_count"):
			messages += number
		}
	}
	if messages == 0 {
		return 0
	}
	return hits / messages
}
