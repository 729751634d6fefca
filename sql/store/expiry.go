package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/sql/store/pg"
)

// DropDays drops the daily partitions of clicks and hits in which every row is older than
// before. It keeps conversions and dead letters, and a day that a waiting postback needs.
// It calls dropped for each dropped day.
//
// One process at a time drops; DropDays does nothing while another does. It first
// detaches a day CONCURRENTLY, for which no other session has to wait, and drops it
// when no session reads it any more. A backup delays both: then DropDays returns
// an error that IsLocked, and a further call continues where it stopped.
func (s *Store) DropDays(ctx context.Context, before time.Time, dropped func(Day)) error {
	conn, err := s.schema.Connx(ctx)
	if err != nil {
		return fmt.Errorf("drop days before %s: %w", before.Format(time.DateOnly), err)
	}
	// This pool keeps no idle session, so that the lock ends with Close.
	defer conn.Close()
	var alone bool
	if err := selectRow(ctx, conn, &alone, "partitions/lock_dropping", nil); err != nil {
		return fmt.Errorf("drop days before %s: %w", before.Format(time.DateOnly), err)
	}
	if !alone {
		return nil
	}
	days, states, err := s.partitions(ctx)
	if err != nil {
		return err
	}
	// Postgres detaches one partition of a table at a time. So an interrupted drop is
	// finished first, and after an error the table is skipped.
	stuck := map[string]error{}
	for _, unfinished := range []bool{true, false} {
		for i, day := range days {
			if stuck[day.Table] != nil || (states[i] != attached) != unfinished ||
				states[i] == attached && day.Begin.Add(oneDay).After(before) {
				continue
			}
			gone, err := s.dropDay(ctx, conn, day, states[i])
			if err != nil {
				stuck[day.Table] = fmt.Errorf("drop %s: %w", day.Partition(), err)
			} else if gone {
				dropped(day)
			}
		}
	}
	return errors.Join(stuck[clicksTable], stuck[hitsTable])
}

// dropDay does the remaining steps of dropping one day, and reports whether it is
// dropped.
func (s *Store) dropDay(ctx context.Context, conn *sqlx.Conn, day Day, state partitionState) (bool, error) {
	if state == attached {
		awaited, err := s.isAwaited(ctx, day)
		if err != nil || awaited {
			return false, err
		}
		if _, err := execute(ctx, conn, "partitions/begin_drop", args{"parent": day.Table, "day": day.Begin}); err != nil {
			return false, err
		}
		if err := detach(ctx, conn, day); err != nil {
			return false, err
		}
	}
	if state == pending {
		if _, err := conn.ExecContext(ctx, alter(day, "DETACH PARTITION", "FINALIZE")); err != nil {
			return false, err
		}
	}
	// If a postback began to wait while its day was being detached, the day is attached
	// again.
	awaited, err := s.isAwaited(ctx, day)
	if err != nil {
		return false, err
	}
	if awaited {
		low, high := day.ids()
		_, err := conn.ExecContext(ctx, alter(day, "ATTACH PARTITION",
			fmt.Sprintf("FOR VALUES FROM (%s) TO (%s)", pq.QuoteLiteral(low.String()), pq.QuoteLiteral(high.String()))))
		return false, err
	}
	if _, err := conn.ExecContext(ctx, "DROP TABLE "+pq.QuoteIdentifier(day.Partition())); err != nil {
		return false, err
	}
	_, err = execute(ctx, conn, "partitions/end_drop", args{"parent": day.Table, "day": day.Begin})
	return true, err
}

// detach detaches a day from its table. An engine that cannot do so
// CONCURRENTLY, such as Postgres 13, does it under a lock on the table, for which the
// session waits a second at most.
func detach(ctx context.Context, conn *sqlx.Conn, day Day) error {
	_, err := conn.ExecContext(ctx, alter(day, "DETACH PARTITION", "CONCURRENTLY"))
	if pg.DetachesNotConcurrently(err) {
		_, err = conn.ExecContext(ctx, alter(day, "DETACH PARTITION", ""))
	}
	return err
}

func alter(day Day, what, how string) string {
	return fmt.Sprintf("ALTER TABLE %s %s %s %s", pq.QuoteIdentifier(day.Table), what, pq.QuoteIdentifier(day.Partition()), how)
}

func (s *Store) isAwaited(ctx context.Context, day Day) (awaited bool, err error) {
	low, high := day.ids()
	err = selectRow(ctx, s.db, &awaited, "partitions/is_awaited", args{"parent": day.Table, "first_id": low, "end_id": high})
	if err != nil {
		return false, fmt.Errorf("look for waiting postbacks: %w", err)
	}
	return awaited, nil
}

// DroppedDays lists the days of a period whose clicks or hits retention has
// dropped, the earliest first.
func (s *Store) DroppedDays(ctx context.Context, from, to time.Time) ([]time.Time, error) {
	var days []time.Time
	err := selectRows(ctx, s.db, &days, "partitions/dropped", args{"from_day": from.UTC().Truncate(oneDay), "to_time": to.UTC()})
	if err != nil {
		return nil, fmt.Errorf("list the days that were dropped: %w", err)
	}
	for i := range days {
		days[i] = days[i].UTC()
	}
	return days, nil
}

// OverdueDrops returns the names of the partitions whose drop began more than longer ago
// and has not ended.
func (s *Store) OverdueDrops(ctx context.Context, longer time.Duration) ([]string, error) {
	var rows []struct {
		Parent string    `db:"parent"`
		Day    time.Time `db:"day"`
	}
	if err := selectRows(ctx, s.db, &rows, "partitions/unfinished_drops", args{"longer_seconds": longer.Seconds()}); err != nil {
		return nil, fmt.Errorf("list the days that are about to be dropped: %w", err)
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = Day{row.Parent, row.Day.UTC()}.Partition()
	}
	return names, nil
}
