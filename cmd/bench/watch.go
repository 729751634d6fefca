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
	"integr8/cmd/internal/poll"
)

// watch measures from outside when accepted hits can be read from the database. It
// looks for only a few of them, but continuously: its times are late by no more than
// the time between two looks, and never early. The longer hits take, the less often it
// looks, so that watching a backlog does not slow it down.
type watch struct {
	db *sql.DB
	// mayGoOn decides whether more may be sent, by the moment from which the oldest
	// unseen hit counts. It may be nil.
	mayGoOn func(oldest time.Time) bool
	// The latency of hits counts after from and before to.
	from, to time.Time

	mu      sync.Mutex
	waiting []sample // oldest first
	through *hdrhistogram.Histogram
	err     error

	valve *valve
}

// sample is a hit that the watch looks for.
type sample struct {
	from    time.Time
	receipt uuid.UUID
}

const (
	// lookEvery is the time between two looks for committed hits.
	lookEvery = 3 * time.Millisecond
	// sampleEvery is the time between two hits that the watch looks for.
	sampleEvery = 5 * time.Millisecond
)

// mostLookedFor bounds the hits of one look.
const mostLookedFor = 64

func newWatch(db *sql.DB, mayGoOn func(oldest time.Time) bool) *watch {
	return &watch{db: db, mayGoOn: mayGoOn, through: load.NewHistogram(), valve: newValve()}
}

// age returns how long ago the oldest hit was sent that was looked for and not seen.
func (w *watch) age() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return 0
	}
	return time.Since(w.waiting[0].from)
}

// add begins to look for an accepted hit.
func (w *watch) add(from time.Time, answer []byte) {
	receipt, err := uuid.ParseBytes(load.Header(answer, "X-Receipt"))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.err = fmt.Errorf("an accepted answer holds no receipt: %w", err)
		return
	}
	w.waiting = append(w.waiting, sample{from, receipt})
}

// run looks until ctx ends, and returns the first error.
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

// pause returns the time until the next look.
func (w *watch) pause() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return lookEvery
	}
	const exactness = 50 // to 2 % of the time that hits take
	return max(lookEvery, time.Since(w.waiting[0].from)/exactness)
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
		// The ids are text in the statement, so that it is planned for one partition.
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

// note removes the seen hits from the list, and turns the valve.
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
	w.valve.turn(len(left) == 0 || w.mayGoOn == nil || w.mayGoOn(left[0].from))
}

// finish waits until all hits on the list have been seen, as long as some are.
func (w *watch) finish(ctx context.Context) error {
	last, moved := -1, time.Now()
	return poll.Until(ctx, lookAgain, func() (bool, error) {
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
