package handlers

import (
	"context"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"integr8/handlers/attribution"
	"integr8/pipeline/rabbit"
)

// SweeperOptions set up a Sweeper. All fields are needed except those with a default.
type SweeperOptions struct {
	Postbacks *Postbacks
	Waits     Waits
	// Begin starts a sweep. It returns nil while another process sweeps.
	Begin func(ctx context.Context) (Sweep, error)
	// Backlog reads the backlog of the queue of clicks.
	Backlog func(ctx context.Context) (rabbit.Backlog, error)
	// Grace is how long a worker may take with a click that was delivered to it:
	// see Options.LateGrace. Default DefaultLateGrace.
	Grace time.Duration
	// Timeout bounds each step of a sweep. Default 20 s.
	Timeout time.Duration
	// Report is called with the errors of a sweep.
	Report func(error)
}

const (
	// longestInterval is the time between two sweeps. A shorter Grace, as in
	// tests, reduces it down to shortestInterval.
	longestInterval  = 10 * time.Second
	shortestInterval = 100 * time.Millisecond
	// sweepPage is how many waiting postbacks a sweep decides at once.
	sweepPage = 500
	// roundPages is for how many pages of waiting postbacks one sweep searches the clicks;
	// the next sweep continues from there.
	roundPages = 10
	// keepEnded is how long after the end of its wait a postback is still decided when its
	// click is written.
	keepEnded = 90 * 24 * time.Hour
	dropEvery = time.Hour
)

// Sweeper ends the waits of postbacks whose click never came. It also decides
// postbacks that still wait although their click is recorded. Of all workers one sweeps
// at a time. A Sweeper is not safe for concurrent use.
type Sweeper struct {
	options  SweeperOptions
	interval time.Duration
	worker   uuid.UUID
	handled  watermark
	// round is the last postback of the previous page of match; zero to start again.
	round     attribution.Wait
	droppedAt time.Time
}

// NewSweeper returns a Sweeper.
func NewSweeper(options SweeperOptions) *Sweeper {
	if options.Grace <= 0 {
		options.Grace = DefaultLateGrace
	}
	if options.Timeout == 0 {
		options.Timeout = 20 * time.Second
	}
	return &Sweeper{options: options, interval: max(shortestInterval, min(longestInterval, options.Grace)), worker: uuid.New(),
		handled: watermark{grace: options.Grace}}
}

// Run reports this worker and sweeps, at once and at each interval, until ctx ends.
// It calls Report with the errors of a sweep; the next sweep tries again.
func (s *Sweeper) Run(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { s.every(ctx, s.reportWorker); return nil })
	loops.Go(func() error { s.every(ctx, s.Sweep); return nil })
	_ = loops.Wait() // both return nil
}

func (s *Sweeper) every(ctx context.Context, do func(context.Context) error) {
	ticker := time.NewTicker(s.interval)
	defer ticker.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.options.Report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// gap returns the longest time allowed between two reports of a worker: three intervals,
// so that one slow report does not count.
func (s *Sweeper) gap() time.Duration { return 3 * s.interval }

func (s *Sweeper) reportWorker(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	return s.options.Waits.ReportWorker(ctx, s.worker, s.gap())
}
