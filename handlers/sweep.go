package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// WaitingRoom is what a Sweeper needs of the store.
type WaitingRoom interface {
	BeginSweep(ctx context.Context) (*store.Sweep, error)
	Clicks(ctx context.Context, ids []hit.TransactionID) (map[hit.TransactionID]attribution.Click, error)
	Requests(ctx context.Context, waits []store.Wait) ([]store.Wait, error)
	DropStaleWaits(ctx context.Context, waits []store.Wait) ([]uuid.UUID, error)
	ForgetEndedWaits(ctx context.Context, age time.Duration) error
	ReportWorker(ctx context.Context, worker uuid.UUID, gap time.Duration) error
}

// SweeperOptions make a Sweeper. All are needed but those with a default.
type SweeperOptions struct {
	Postbacks *Postbacks
	Room      WaitingRoom
	// Backlog looks how far the queue of clicks is behind.
	Backlog func(ctx context.Context) (rabbit.Backlog, error)
	// Grace is how long a worker may take with a click that it was given:
	// see Options.LateGrace. Default DefaultLateGrace.
	Grace time.Duration
	// Timeout bounds each step of a sweep. Default 20 s.
	Timeout time.Duration
	// Report is told what a sweep met.
	Report func(error)
}

const (
	// longestInterval is between two sweeps. A Grace that is shorter, as in
	// tests, shortens it down to shortestInterval.
	longestInterval  = 10 * time.Second
	shortestInterval = 100 * time.Millisecond
	// sweepPage is how many waiting postbacks a sweep decides at once.
	sweepPage = 500
	// roundPages is how many pages of the waiting room one sweep compares with
	// the clicks; the next sweep goes on from there.
	roundPages = 10
	// rememberEnded is for how long a click that is written wakes postbacks
	// whose wait has ended.
	rememberEnded = 90 * 24 * time.Hour
	forgetEvery   = time.Hour
)

// Sweeper ends the waits of postbacks whose click never came. It also matches
// those whose click is recorded and woke nobody. Of all workers one sweeps at a
// time. It is not safe for concurrent use.
type Sweeper struct {
	options  SweeperOptions
	interval time.Duration
	worker   uuid.UUID
	handled  watermark
	// round is how far the waiting room has been compared with the clicks.
	round    store.Wait
	forgotAt time.Time
}

// NewSweeper makes a Sweeper.
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

// Run reports this worker and sweeps, now and at each interval, until ctx ends.
// What a sweep meets goes to Report; the next one tries again.
func (s *Sweeper) Run(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { s.every(ctx, s.reportWorker); return nil })
	loops.Go(func() error { s.every(ctx, s.Sweep); return nil })
	_ = loops.Wait() // they return nil
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

// gap is how far apart a worker's reports may be: three intervals, so that one
// that is slow does not count.
func (s *Sweeper) gap() time.Duration { return 3 * s.interval }

func (s *Sweeper) reportWorker(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	return s.options.Room.ReportWorker(ctx, s.worker, s.gap())
}

// Sweep looks through the waiting postbacks once, unless another worker does so
// now. It goes on past those that cannot be decided, and returns what it met.
func (s *Sweeper) Sweep(ctx context.Context) error {
	sweep, err := s.options.Room.BeginSweep(ctx)
	if err != nil {
		s.handled.forget()
		return err
	}
	if sweep == nil {
		return nil
	}
	return errors.Join(s.match(ctx, sweep), s.endWaits(ctx, sweep), s.forget(ctx), sweep.End())
}

// match compares a part of the waiting room with the clicks. The click of a
// postback that waits wakes it; this is a second safeguard.
func (s *Sweeper) match(ctx context.Context, sweep *store.Sweep) error {
	var failed []error
	for range roundPages {
		page, err := step(ctx, s, func(ctx context.Context) ([]store.Wait, error) {
			return sweep.Waiting(ctx, s.round, sweepPage)
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		s.round = store.Wait{}
		if len(page) == sweepPage {
			s.round = page[sweepPage-1]
		}
		arrived, err := s.arrived(ctx, page)
		if err == nil {
			err = s.decide(ctx, arrived, false)
		}
		if err != nil && stops(err) {
			return errors.Join(append(failed, err)...)
		}
		failed = append(failed, err)
		if len(page) < sweepPage {
			break
		}
	}
	return errors.Join(failed...)
}

// arrived returns those whose click is recorded.
func (s *Sweeper) arrived(ctx context.Context, page []store.Wait) ([]store.Wait, error) {
	ids := make([]hit.TransactionID, len(page))
	for i, wait := range page {
		ids[i] = hit.TransactionID(wait.TransactionID)
	}
	clicks, err := step(ctx, s, func(ctx context.Context) (map[hit.TransactionID]attribution.Click, error) {
		return s.options.Room.Clicks(ctx, ids)
	})
	if err != nil {
		return nil, err
	}
	var arrived []store.Wait
	for _, wait := range page {
		if _, ok := clicks[hit.TransactionID(wait.TransactionID)]; ok {
			arrived = append(arrived, wait)
		}
	}
	return arrived, nil
}

// endWaits ends the waits that were over before the last moment of which it is
// known that every click received before it has been handled.
func (s *Sweeper) endWaits(ctx context.Context, sweep *store.Sweep) error {
	state, err := step(ctx, s, func(ctx context.Context) (store.SweepState, error) {
		return sweep.State(ctx, s.gap(), s.options.Grace)
	})
	if err != nil {
		s.handled.forget()
		return err
	}
	if state.FirstEnd == nil || state.FirstEnd.After(state.Now) {
		return nil
	}
	backlog, err := step(ctx, s, s.options.Backlog)
	if err != nil {
		s.handled.forget()
		return fmt.Errorf("no wait for a click ends while it is not known how far the clicks are: %w", err)
	}
	s.handled.look(state.Now, backlog, state.SteadyWorkers)
	if s.handled.until.IsZero() {
		return nil
	}
	var failed []error
	var last store.Wait
	for {
		page, err := step(ctx, s, func(ctx context.Context) ([]store.Wait, error) {
			return sweep.Due(ctx, s.handled.until, last, sweepPage)
		})
		if err == nil && len(page) > 0 {
			last = page[len(page)-1]
			err = s.decide(ctx, page, true)
		}
		failed = append(failed, err)
		if err != nil && stops(err) || len(page) < sweepPage {
			return errors.Join(failed...)
		}
	}
}

// decide has waiting postbacks decided. Of a page that cannot be read each half
// is read by itself, and so on, so that what is unreadable holds up nothing else.
func (s *Sweeper) decide(ctx context.Context, waits []store.Wait, over bool) error {
	if len(waits) == 0 {
		return nil
	}
	full, err := step(ctx, s, func(ctx context.Context) ([]store.Wait, error) {
		return s.options.Room.Requests(ctx, waits)
	})
	switch {
	case err == nil:
		return errors.Join(s.options.Postbacks.Reconsider(ctx, full, over), s.dropStale(ctx, waits, full))
	case stops(err) || len(waits) == 1:
		return err
	}
	half := len(waits) / 2
	first := s.decide(ctx, waits[:half], over)
	if first != nil && stops(first) {
		return first
	}
	return errors.Join(first, s.decide(ctx, waits[half:], over))
}

// dropStale removes the places of hits that do not wait: nothing else would.
func (s *Sweeper) dropStale(ctx context.Context, waits, full []store.Wait) error {
	if len(full) == len(waits) {
		return nil
	}
	waiting := make(map[uuid.UUID]bool, len(full))
	for _, wait := range full {
		waiting[wait.HitID] = true
	}
	var stale []store.Wait
	for _, wait := range waits {
		if !waiting[wait.HitID] {
			stale = append(stale, wait)
		}
	}
	dropped, err := step(ctx, s, func(ctx context.Context) ([]uuid.UUID, error) {
		return s.options.Room.DropStaleWaits(ctx, stale)
	})
	if err != nil || len(dropped) == 0 {
		return err
	}
	return fmt.Errorf("%d postbacks had a place in the waiting room, but their hits are gone or wait no longer; "+
		"the first: %s", len(dropped), dropped[0])
}

// forget drops, now and then, waits that ended long ago.
func (s *Sweeper) forget(ctx context.Context) error {
	if time.Since(s.forgotAt) < forgetEvery {
		return nil
	}
	_, err := step(ctx, s, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.options.Room.ForgetEndedWaits(ctx, rememberEnded)
	})
	if err == nil {
		s.forgotAt = time.Now()
	}
	return err
}

// step bounds one step of a sweep.
func step[T any](ctx context.Context, s *Sweeper, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	return do(ctx)
}

// stops reports whether a sweep cannot go on after an error.
func stops(err error) bool {
	class := failure.Of(err)
	return class == failure.Outage || class == failure.Shutdown
}
