package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"integr8/cmd/chaos/check"
)

// window is a time with or without a disturbance.
type window struct {
	disturbed bool
	from, to  time.Time
}

const (
	// windowTime is the length of a window, and settleTime the time between two windows
	// that is left out.
	windowTime = time.Second
	settleTime = 250 * time.Millisecond
	// fewestWindows is how many windows of each kind must be compared.
	fewestWindows = 5
	// mostSlowdown is how many times as long as in calm the slowest hundredth of hits
	// may take.
	mostSlowdown = 2
	// leastCalm is the smallest calm p99 that is used: below it, the comparison would
	// measure the machine's scheduler.
	leastCalm = 20 * time.Millisecond
)

// alternate runs windows of a length, alternately calm and with a disturbance, until
// the load is over or ctx ends. The function that disturb returns ends the disturbance.
func alternate(ctx context.Context, r *round, length time.Duration, disturb func() (stop func(), err error)) (windows []window, err error) {
	r.pause(ctx, 2*time.Second, 2*time.Second) // so that everything has been used once
	for disturbed := false; ; disturbed = !disturbed {
		stop := func() {}
		if disturbed {
			r.count()
			if stop, err = disturb(); err != nil {
				return windows, err
			}
		}
		w := window{disturbed: disturbed, from: time.Now()}
		whole := r.pause(ctx, length, length)
		w.to = time.Now()
		stop()
		if !whole {
			return windows, ctx.Err()
		}
		windows = append(windows, w)
		r.pause(ctx, settleTime, settleTime)
	}
}

// compare compares the p99 of hits, from receipt to commit, in windows with the
// disturbance with that in calm windows. It leaves out hits of the tenant. Of each kind
// it uses the window at the best quarter: when the machine stalls for another reason,
// that spoils the p99 of the windows around it, while a harmful disturbance raises the
// p99 of every window.
func compare(ctx context.Context, r *round, windows []window, disturbance string) error {
	var calm, disturbed []time.Duration
	for _, w := range windows {
		var milliseconds sql.NullFloat64
		err := r.system.DB.QueryRowContext(ctx, `SELECT
			percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - received_at) * 1000)
			FROM hits WHERE request->>'host' <> $1 AND received_at >= $2 AND received_at < $3
			AND decisions = 1 AND outcome <> 'waiting'`, tenantHost, w.from, w.to).Scan(&milliseconds)
		if err != nil {
			return fmt.Errorf("measure hits: %w", err)
		}
		if !milliseconds.Valid {
			continue // no hit of the others needed only one decision in that window
		}
		took := time.Duration(milliseconds.Float64 * float64(time.Millisecond))
		if w.disturbed {
			disturbed = append(disturbed, took)
		} else {
			calm = append(calm, took)
		}
	}
	if min(len(calm), len(disturbed)) < fewestWindows {
		return fmt.Errorf("the load was over too early (windows of %[2]s: %[1]d): send more requests", len(windows), windowTime)
	}
	before, with := bestQuarter(calm), bestQuarter(disturbed)
	r.say("p99 from receipt to commit: %s in calm, %s beside %s",
		before.Round(100*time.Microsecond), with.Round(100*time.Microsecond), disturbance)
	if with > mostSlowdown*max(before, leastCalm) {
		r.note(check.Violation{Rule: check.Harmed, Expected: fmt.Sprintf("a p99 beside "+disturbance+" within %d x of %s", mostSlowdown, before),
			Found: with.String()})
	}
	return nil
}

func bestQuarter(values []time.Duration) time.Duration {
	slices.Sort(values)
	return values[len(values)/4]
}
