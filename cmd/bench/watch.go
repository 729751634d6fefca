package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/uuid"

	"integr8/cmd/bench/load"
)

// watch looks from outside when accepted hits can be read from the database.
// It looks for a few of them only, but all the time: what it tells is late by
// no more than the time between two looks, and never early. The longer hits
// take, the less often it looks, so that a backlog is not watched at its own
// expense.
type watch struct {
	db    *sql.DB
	every time.Duration
	// mayGoOn decides by the oldest hit that has not been seen and the newest
	// that was accepted whether more may be sent. It may be nil.
	mayGoOn func(oldest, newest sample) bool
	// Hits whose latency counts are those from after from and before to.
	from, to time.Time

	mu      sync.Mutex
	waiting []sample // oldest first
	newest  sample
	through *hdrhistogram.Histogram
	err     error

	valve *valve
}

// sample is a hit that is looked for.
type sample struct {
	i       int
	from    time.Time
	receipt uuid.UUID
}

// mostLookedFor bounds how many hits one look is for.
const mostLookedFor = 64

func newWatch(db *sql.DB, every time.Duration, mayGoOn func(oldest, newest sample) bool) *watch {
	return &watch{db: db, every: every, mayGoOn: mayGoOn, through: load.NewHistogram(), valve: newValve()}
}

// add begins to look for an accepted hit.
func (w *watch) add(i int, from time.Time, answer []byte) {
	receipt, err := uuid.ParseBytes(load.Header(answer, "X-Receipt"))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.err = fmt.Errorf("an accepted answer holds no receipt: %w", err)
		return
	}
	w.newest = sample{i, from, receipt}
	w.waiting = append(w.waiting, w.newest)
}

// run looks until ctx ends, and answers what went wrong.
func (w *watch) run(ctx context.Context) error {
	for sleepUntil(ctx, time.Now().Add(w.pause())) == nil {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// pause is how long it is until the next look.
func (w *watch) pause() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return w.every
	}
	const exactness = 50 // to 2 % of the time that hits take
	return max(w.every, time.Since(w.waiting[0].from)/exactness)
}

func (w *watch) look(ctx context.Context) error {
	w.mu.Lock()
	oldest := w.waiting[:min(len(w.waiting), mostLookedFor)]
	var list strings.Builder
	for i, s := range oldest {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteString("'" + s.receipt.String() + "'")
	}
	w.mu.Unlock()
	seen := map[uuid.UUID]bool{}
	if len(oldest) > 0 {
		// As text in the statement, so that it is planned for one partition.
		rows, err := w.db.QueryContext(ctx, "SELECT id FROM hits WHERE id IN ("+list.String()+")")
		if err != nil {
			return fmt.Errorf("look for hits: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return fmt.Errorf("look for hits: %w", err)
			}
			seen[id] = true
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("look for hits: %w", err)
		}
	}
	w.note(seen, time.Now())
	return nil
}

// note takes what was seen off the list, and turns the valve.
func (w *watch) note(seen map[uuid.UUID]bool, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := w.waiting[:0]
	for _, s := range w.waiting {
		if !seen[s.receipt] {
			left = append(left, s)
			continue
		}
		if !s.from.Before(w.from) && s.from.Before(w.to) {
			_ = w.through.RecordValue(now.Sub(s.from).Microseconds())
		}
	}
	w.waiting = left
	w.valve.turn(len(left) == 0 || w.mayGoOn == nil || w.mayGoOn(left[0], w.newest))
}

// finish waits until all that is looked for has been seen, for as long as
// some of it is.
func (w *watch) finish(ctx context.Context) error {
	last, moved := -1, time.Now()
	return until(ctx, look, func() (bool, error) {
		w.mu.Lock()
		left, err := len(w.waiting), w.err
		w.mu.Unlock()
		if left != last {
			last, moved = left, time.Now()
		}
		if err == nil && left > 0 && time.Since(moved) > stuck {
			err = fmt.Errorf("%d of the accepted hits that were looked for do not come", left)
		}
		return left == 0, err
	})
}
