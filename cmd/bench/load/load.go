// Package load sends HTTP requests as fast as possible, or at a given rate, and
// measures how long the answers take.
//
// It is built to cost little, because it shares the machine with what it measures: a
// goroutine a connection, requests that are built in place, one write and mostly one
// read each.
//
// An open loop sends at random moments with a given mean rate, as many independent
// senders do, whether or not earlier answers have come. Latency counts from the moment
// at which a request was due, so that a server that stalls is charged for every request
// that it delayed (coordinated omission). A closed loop sends on each connection as
// soon as the previous answer has come; latency counts from the sending.
package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Options describe what to send.
type Options struct {
	// Address is the host and port of the server.
	Address string
	// Connections are kept alive; each has one request under way at most.
	Connections int
	// Request appends the i-th request, head and body, to a buffer.
	Request func(to []byte, i int) []byte
	// Limit is the number of different requests. A run that needs more ends early with
	// Exhausted.
	Limit int
	// Accepted are the statuses of answers that count.
	Accepted []int
	// Rate is the mean number of requests a second of an open loop; 0 means a closed
	// loop.
	Rate float64
	// Hold blocks a connection of a closed loop while nothing more may be sent, or until
	// ctx ends with the time for sending. It may be nil.
	Hold func(ctx context.Context)
	// Warmup is not counted, Duration is.
	Warmup, Duration time.Duration
	// Begin is called before the first request with the time that counts. It may be nil.
	Begin func(from, to time.Time)
	// Observe is called with the head and body of an accepted answer, at most once every
	// ObserveEvery, and with the moment from which its latency counts. It must not keep
	// answer. It may be nil.
	Observe      func(from time.Time, answer []byte)
	ObserveEvery time.Duration
}

// Result is the result of a run.
type Result struct {
	// From and To bound the time that counts.
	From, To time.Time
	// Sent and Accepted count the whole run. Counted counts the accepted answers that
	// came between From and To.
	Sent, Accepted, Counted int
	// Others counts answers by status; 0 stands for a broken connection.
	Others map[int]int
	// Latency is that of accepted answers to requests between From and To, in
	// microseconds.
	Latency *hdrhistogram.Histogram
	// Exhausted is set when the requests ran out before the time did.
	Exhausted bool
}

// Failed returns how many requests of the run were not accepted.
func (r *Result) Failed() int { return r.Sent - r.Accepted }

// PerSecond returns the rate of accepted answers between From and To.
func (r *Result) PerSecond() float64 { return float64(r.Counted) / r.To.Sub(r.From).Seconds() }

// longestLatency is the largest latency in a histogram.
const longestLatency = 10 * time.Minute

// NewHistogram returns a histogram for latencies in microseconds, with a precision of 1
// %.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestLatency.Microseconds(), 2)
}

// grace is how long answers may take after the last request.
const grace = 30 * time.Second

// run is one Run.
type run struct {
	options  Options
	schedule []time.Duration // since start, of an open loop
	start    time.Time
	from, to time.Time

	next       atomic.Int64
	exhausted  atomic.Bool
	observedAt atomic.Int64 // nanoseconds since start
}

// Run sends until the time is over. It returns after the last answer, or with an error
// when ctx ends.
func Run(ctx context.Context, options Options) (*Result, error) {
	r := &run{options: options}
	if options.Rate > 0 {
		r.schedule = arrivals(options.Rate, options.Warmup+options.Duration)
	}
	connections := make([]*connection, options.Connections)
	for i := range connections {
		connections[i] = &connection{run: r}
		if err := connections[i].dial(ctx); err != nil {
			return nil, errors.Join(err, closeAll(connections[:i]))
		}
	}
	r.start = time.Now()
	r.from = r.start.Add(options.Warmup)
	r.to = r.from.Add(options.Duration)
	r.observedAt.Store(-int64(time.Hour))
	if options.Begin != nil {
		options.Begin(r.from, r.to)
	}

	ctx, cancel := context.WithDeadlineCause(ctx, r.to.Add(grace), fmt.Errorf("answers did not come within %s", grace))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = closeAll(connections) })
	// An open loop sends all due requests, also when it is late.
	sending := ctx
	if r.schedule == nil {
		var stopSending context.CancelFunc
		sending, stopSending = context.WithDeadline(ctx, r.to)
		defer stopSending()
	}
	var senders sync.WaitGroup
	for _, c := range connections {
		senders.Go(func() { c.send(ctx, sending) })
	}
	senders.Wait()
	if !stop() {
		return nil, fmt.Errorf("load on %s: %w", options.Address, context.Cause(ctx))
	}
	return r.result(connections), closeAll(connections)
}

// arrivals draws the moments of a Poisson process, the same ones each time.
func arrivals(rate float64, length time.Duration) []time.Duration {
	random := rand.New(rand.NewPCG(1, 2))
	moments := make([]time.Duration, 0, int(rate*length.Seconds()*1.02)+16)
	mean := float64(time.Second) / rate
	for at := 0.0; ; {
		at += random.ExpFloat64() * mean
		if time.Duration(at) >= length {
			return moments
		}
		moments = append(moments, time.Duration(at))
	}
}

// take returns the next request and the moment from which its latency counts. It
// returns false when there is none.
func (r *run) take(sending context.Context) (i int, from time.Time, ok bool) {
	if r.schedule == nil && r.options.Hold != nil {
		r.options.Hold(sending)
	}
	now := time.Now()
	if sending.Err() != nil {
		return 0, now, false
	}
	i = int(r.next.Add(1) - 1)
	if r.schedule != nil && i >= len(r.schedule) {
		return 0, now, false
	}
	if i >= r.options.Limit {
		r.exhausted.Store(true)
		return 0, now, false
	}
	if r.schedule == nil {
		return i, now, true
	}
	from = r.start.Add(r.schedule[i])
	if pause := from.Sub(now); pause > 0 {
		time.Sleep(pause)
	}
	return i, from, true
}

// observes reports whether the next answer may be observed.
func (r *run) observes(now time.Time) bool {
	if r.options.Observe == nil {
		return false
	}
	since := int64(now.Sub(r.start))
	last := r.observedAt.Load()
	return since-last >= int64(r.options.ObserveEvery) && r.observedAt.CompareAndSwap(last, since)
}

func (r *run) result(connections []*connection) *Result {
	result := &Result{
		From: r.from, To: r.to, Others: map[int]int{}, Latency: NewHistogram(), Exhausted: r.exhausted.Load(),
	}
	for _, c := range connections {
		result.Sent += c.sent
		result.Accepted += c.accepted
		result.Counted += c.counted
		for status, n := range c.others {
			result.Others[status] += n
		}
		for _, took := range c.latencies {
			// What is longer than the histogram goes counts as its longest.
			_ = result.Latency.RecordValue(min(int64(took), longestLatency.Microseconds()))
		}
	}
	return result
}
