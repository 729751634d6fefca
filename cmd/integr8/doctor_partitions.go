package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/sql/store"
)

// partitions looks for those of today and tomorrow, and for rows that found
// none.
func (e *examination) partitions(ctx context.Context, db *store.Store) {
	today, err := db.MissingPartitions(ctx, e.now, 1)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if len(today) > 0 {
		e.broken("partitions", "missing for today: "+strings.Join(today, ", "),
			"run integr8 migrate; a running worker makes them each minute, so look whether one runs")
	}
	tomorrow, err := db.MissingPartitions(ctx, e.now.AddDate(0, 0, 1), 1)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if len(tomorrow) > 0 {
		e.warn("partitions", party{}, "missing for tomorrow: "+strings.Join(tomorrow, ", "),
			"run integr8 migrate; a running worker makes them each minute, so look whether one runs")
	}
	// A week ahead is made; a day more is that of a clock an hour ahead at the
	// turn of the day.
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
	if needed := margin.Needed(); needed > margin.Locks {
		e.warn("partitions", party{}, fmt.Sprintf("the server's lock table takes %d locks, and %d sessions with %d partitions and indexes may need %d",
			margin.Locks, margin.Sessions, margin.Relations, needed),
			fmt.Sprintf("raise max_locks_per_transaction %d-fold in postgresql.conf and restart Postgres, before a backup or a worker fails with out of shared memory; or keep fewer days: integr8 retention show",
				(needed+margin.Locks-1)/margin.Locks))
	}
	for _, table := range stray {
		e.warn("partitions", party{}, table+" holds rows of a day that has not come or is long past",
			"the clock of a receiver is days off, or was: synchronise it; retention drops such rows when their day has passed")
	}
}

// droppingGrace is how long the dropping of a day may take before it is told: it
// waits for whoever reads the day, such as a backup.
const droppingGrace = 6 * time.Hour

// retention looks whether what should be dropped can be, and is.
func (e *examination) retention(ctx context.Context, db *store.Store) {
	retention, err := db.Retention(ctx)
	if err != nil {
		e.failed("retention", err)
		return
	}
	var short *store.RetentionError
	switch err := db.CheckRetention(ctx, retention, e.app.settings.LateClicks); {
	case errors.As(err, &short):
		e.broken("retention", "nothing is dropped: "+oneLine(err), retentionHint(short))
	case err != nil:
		e.failed("retention", err)
	}
	begun, err := db.UnfinishedDrops(ctx, droppingGrace)
	if err != nil {
		e.failed("retention", err)
		return
	}
	for _, day := range begun {
		e.warn("retention", party{}, fmt.Sprintf("%s should have been dropped more than %s ago, and is still there", day.Partition(), droppingGrace),
			"a worker drops it as soon as nobody reads it: look for a backup or another statement that does not end, in pg_stat_activity")
	}
}
