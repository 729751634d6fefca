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
	// windowTime is how long a window is, and settleTime what is left out
	// between two.
	windowTime = time.Second
	settleTime = 250 * time.Millisecond
	// fewestWindows is how many of each sort must be compared.
	fewestWindows = 5
	// mostSlowdown is how many times as long as in calm the slowest hundredth
	// may take.
	mostSlowdown = 2
	// leastCalm is the shortest time that a calm p99 counts as: below it, the
	// comparison tells of the machine's scheduler.
	leastCalm = 20 * time.Millisecond
)

// compare sets the p99 of hits, from receipt to commit, in windows with the
// disturbance beside that in calm ones. Hits of the tenant do not count. Of each
// sort the window at the best quarter counts: a stall of the machine, for
// whatever else it does, spoils the p99 of the windows around it, while a
// disturbance that harms does so in every window.
func compare(ctx context.Context, r *round, windows []window, disturbance string) error {
	var calm, disturbed []time.Duration
	for _, w := range windows {
		var milliseconds sql.NullFloat64
		err := r.system.DB.QueryRowContext(ctx, `SELECT
			percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - received_at) * 1000)
			FROM hits WHERE request->>'host' <> $1 AND received_at >= $2 AND received_at < $3
			AND decisions = 1 AND outcome <> 'waiting'`, poisonHost, w.from, w.to).Scan(&milliseconds)
		if err != nil {
			return fmt.Errorf("measure hits: %w", err)
		}
		if !milliseconds.Valid {
			continue // nothing of theirs was decided at once in that window
		}
		took := time.Duration(milliseconds.Float64 * float64(time.Millisecond))
		if w.disturbed {
			disturbed = append(disturbed, took)
		} else {
			calm = append(calm, took)
		}
	}
	if min(len(calm), len(disturbed)) < fewestWindows {
		return fmt.Errorf("the load was over after %d windows of %s: send more requests", len(windows), windowTime)
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
