package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/retention"
	"integr8/pipeline/monitor"
	"integr8/sql/store"
)

const (
	// housekeepingInterval is how soon what could not be done is tried again,
	// because a backup held a lock or the database was away.
	housekeepingInterval = time.Minute
	// housekeepingTimeout bounds one round. What is left goes on in the next.
	housekeepingTimeout = 10 * time.Minute
	// statementsKept is how long each statement of a receiver is kept. Later, one an hour
	// says which hits were promised by when, and each one about hits that are missing.
	statementsKept = time.Hour
)

// housekeeping makes the coming days' partitions, merges roll-ups and drops what has
// been kept for long enough.
type housekeeping struct {
	rounds
	store      *store.Store
	metrics    *monitor.Metrics
	lateClicks time.Duration
	now        func() time.Time
}

func (p *process) keepHouse(ctx context.Context) error {
	h := &housekeeping{
		rounds: rounds{logger: p.logger, what: "housekeeping", interval: housekeepingInterval},
		store:  p.store, metrics: p.metrics, lateClicks: p.options.Worker.LateClicks, now: p.options.Clock,
	}
	h.run(ctx, h.round)
	return nil
}

// round makes partitions, compacts the books, merges roll-ups, and drops what the retention
// no longer keeps.
func (h *housekeeping) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, housekeepingTimeout)
	defer cancel()
	return errors.Join(h.store.EnsurePartitions(ctx), h.store.CompactBooks(ctx, statementsKept), h.store.MergeRollups(ctx), h.expire(ctx))
}

// expire drops by the database's clock alone: it is the same for all workers.
func (h *housekeeping) expire(ctx context.Context) error {
	times, err := h.store.Retention(ctx)
	if err != nil {
		return err
	}
	asked := h.now()
	now, err := h.store.Now(ctx)
	if err != nil {
		return err
	}
	if skew := now.Sub(asked); skew.Abs() > operate.StoppingSkew {
		return fmt.Errorf("nothing is dropped while the database's clock and this worker's differ by %s", skew.Round(time.Minute))
	}
	return h.dropDays(ctx, times, now)
}

func (h *housekeeping) dropDays(ctx context.Context, times retention.Times, now time.Time) error {
	kept := times[retention.Hits]
	if kept == 0 {
		return nil
	}
	if err := h.store.CheckRetention(ctx, times, h.lateClicks); err != nil {
		return fmt.Errorf("nothing is dropped: %w", err)
	}
	return h.store.DropDays(ctx, now.Add(-kept), func(day store.Day) {
		h.metrics.DroppedDay(day.Table)
		h.logger.Info("dropped a day by retention", "table", day.Table, "day", day.Begin.Format(time.DateOnly), "kept", fmt.Sprintf("%gd", kept.Hours()/24))
	})
}
