package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/pipeline/failure"
)

// partitions checks the partitions of today and tomorrow, and looks for rows whose day
// is far off.
func (e *examination) partitions(ctx context.Context, db Store) {
	today, err := db.MissingPartitions(ctx, e.now, 1)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if len(today) > 0 {
		e.broken("partitions", "missing for today: "+strings.Join(today, ", "),
			"run `integr8 migrate`; a running worker makes them each minute, so check that one runs")
	}
	tomorrow, err := db.MissingPartitions(ctx, e.now.AddDate(0, 0, 1), 1)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if len(tomorrow) > 0 {
		e.warn("partitions", Party{}, "missing for tomorrow: "+strings.Join(tomorrow, ", "),
			"run `integr8 migrate`; a running worker makes them each minute, so check that one runs")
	}
	// Partitions exist for a week ahead; one more day allows for a clock that is an hour
	// ahead when the day ends.
	stray, err := db.StrayRows(ctx, e.now.AddDate(0, 0, 1))
	if err != nil {
		e.failed("partitions", err)
		return
	}
	margin, err := db.LockMargin(ctx)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if needed := margin.Needed; needed > margin.Locks {
		e.warn("partitions", Party{}, fmt.Sprintf("the server's lock table takes %d locks, and %d sessions with %d partitions and indexes may need %d",
			margin.Locks, margin.Sessions, margin.Relations, needed),
			fmt.Sprintf("raise max_locks_per_transaction %d-fold in postgresql.conf and restart Postgres, before a backup or a worker fails with out of shared memory; or keep fewer days: `integr8 retention show`",
				(needed+margin.Locks-1)/margin.Locks))
	}
	for _, table := range stray {
		e.warn("partitions", Party{}, table+" holds rows of a day that has not come or is long past",
			"the clock of a receiver is days off, or was: synchronise it; retention drops such rows when their day has passed")
	}
}

// droppingGrace is how long the drop of a day may take before it is a finding: a drop
// waits for statements that read the day, such as a backup.
const droppingGrace = 6 * time.Hour

// retention checks that what should be dropped can be dropped, and was dropped.
func (e *examination) retention(ctx context.Context, db Store) {
	var refused interface{ Hint() string }
	switch err := db.CheckStoredRetention(ctx, e.system.LateClicks); {
	case errors.As(err, &refused):
		e.broken("retention", "nothing is dropped: "+failure.OneLine(err), refused.Hint())
	case err != nil:
		e.failed("retention", err)
		return
	}
	begun, err := db.OverdueDrops(ctx, droppingGrace)
	if err != nil {
		e.failed("retention", err)
		return
	}
	for _, partition := range begun {
		e.warn("retention", Party{}, fmt.Sprintf("%s should have been dropped more than %s ago, and is still there", partition, droppingGrace),
			"a worker drops it as soon as nobody reads it: look for a backup or another statement that does not end, in pg_stat_activity")
	}
}
