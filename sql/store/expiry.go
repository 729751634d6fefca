package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	sqlfiles "integr8/sql"
)

// DropDays drops the days of clicks and hits whose every row is older than
// before, and with them their rows. Conversions and dead letters stay, and so
// does a day to which a waiting postback points. It calls dropped for each day
// that is gone.
//
// One process at a time drops; DropDays does nothing while another does. A day
// is detached CONCURRENTLY first, for which nobody has to wait, and dropped
// when nobody reads it any more. A backup holds both up: then DropDays returns
// an error that IsLocked, and goes on where it was when it is called again.
func (s *Store) DropDays(ctx context.Context, before time.Time, dropped func(Day)) error {
	conn, err := s.schema.Connx(ctx)
	if err != nil {
		return fmt.Errorf("drop days before %s: %w", before.Format(time.DateOnly), err)
	}
	// No idle session of this pool is kept, so that the lock ends with it.
	defer conn.Close()
	var alone bool
	if err := conn.GetContext(ctx, &alone, "SELECT pg_try_advisory_lock(hashtext('integr8 dropping days'))"); err != nil {
		return fmt.Errorf("drop days before %s: %w", before.Format(time.DateOnly), err)
	}
	if !alone {
		return nil
	}
	days, states, err := s.partitions(ctx)
	if err != nil {
		return err
	}
	// Postgres detaches one partition of a table at a time: what is left to
	// finish comes first, and after an error the table has to wait.
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

// dropDay takes the steps that are left for one day, and reports whether it is
// gone.
func (s *Store) dropDay(ctx context.Context, conn *sqlx.Conn, day Day, state partitionState) (bool, error) {
	if state == attached {
		awaited, err := s.isAwaited(ctx, day)
		if err != nil || awaited {
			return false, err
		}
		if _, err := conn.ExecContext(ctx, sqlfiles.Query("begin_drop"), day.Table, day.Begin); err != nil {
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
	// A postback that began to wait while its day was detached has its day back.
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
	_, err = conn.ExecContext(ctx, sqlfiles.Query("end_drop"), day.Table, day.Begin)
	return true, err
}

// detach takes a day out of its table. An engine that does not do so
// CONCURRENTLY, as Postgres 13, does it under a lock on the table for which the
// session waits a second at most.
func detach(ctx context.Context, conn *sqlx.Conn, day Day) error {
	const syntaxError, notSupported, prerequisite = "42601", "0A000", "55000"
	_, err := conn.ExecContext(ctx, alter(day, "DETACH PARTITION", "CONCURRENTLY"))
	var refused *pq.Error
	if errors.As(err, &refused) && (refused.Code == syntaxError || refused.Code == notSupported || refused.Code == prerequisite) {
		_, err = conn.ExecContext(ctx, alter(day, "DETACH PARTITION", ""))
	}
	return err
}

func alter(day Day, what, how string) string {
	return fmt.Sprintf("ALTER TABLE %s %s %s %s", pq.QuoteIdentifier(day.Table), what, pq.QuoteIdentifier(day.Partition()), how)
}

func (s *Store) isAwaited(ctx context.Context, day Day) (awaited bool, err error) {
	low, high := day.ids()
	err = s.db.GetContext(ctx, &awaited, sqlfiles.Query("day_is_awaited"), day.Table, low, high)
	if err != nil {
		return false, fmt.Errorf("look for postbacks that wait: %w", err)
	}
	return awaited, nil
}

// DroppedDays lists the days of clicks and of hits in a period that retention
// has dropped, the earliest first.
func (s *Store) DroppedDays(ctx context.Context, from, to time.Time) ([]Day, error) {
	return s.selectDays(ctx, "dropped_days", from.UTC().Truncate(oneDay), to.UTC())
}

// UnfinishedDrops lists the days that have been about to be dropped for that
// long.
func (s *Store) UnfinishedDrops(ctx context.Context, longer time.Duration) ([]Day, error) {
	return s.selectDays(ctx, "unfinished_drops", longer.Seconds())
}

func (s *Store) selectDays(ctx context.Context, query string, arguments ...any) ([]Day, error) {
	var rows []struct {
		Parent string    `db:"parent"`
		Day    time.Time `db:"day"`
	}
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query(query), arguments...); err != nil {
		return nil, fmt.Errorf("list %s: %w", query, err)
	}
	days := make([]Day, len(rows))
	for i, row := range rows {
		days[i] = Day{row.Parent, row.Day.UTC()}
	}
	return days, nil
}
