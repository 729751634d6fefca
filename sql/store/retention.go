package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/retention"
)

// retentionUnit is the unit in which a retention is stored.
const retentionUnit = time.Second

// Retention reads the retention of all kinds of data.
func (s *Store) Retention(ctx context.Context) (retention.Times, error) {
	return readRetention(ctx, s.db)
}

func readRetention(ctx context.Context, db sqlx.QueryerContext) (retention.Times, error) {
	var rows []struct {
		Name    retention.Name `db:"name"`
		Seconds int64          `db:"seconds"`
	}
	if err := selectRows(ctx, db, &rows, "retention/list", nil); err != nil {
		return nil, fmt.Errorf("read the retention: %w", err)
	}
	times := make(retention.Times, len(rows))
	for _, row := range rows {
		times[row.Name] = time.Duration(row.Seconds) * retentionUnit
	}
	return times, nil
}

// DeadRetention reads how long dead letters are kept.
func (s *Store) DeadRetention(ctx context.Context) (dead.Retention, error) {
	times, err := s.Retention(ctx)
	return times.DeadLetters(), err
}

// SetRetention changes the retentions in change, all or none, and returns the new
// retention of all kinds of data. It returns a retention.TooShortError when hits would be dropped
// before the largest attribution window of any offer and the late-click window are over.
func (s *Store) SetRetention(ctx context.Context, change retention.Times, lateClicks time.Duration) (times retention.Times, err error) {
	err = s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := readRetention(ctx, tx)
		if err != nil {
			return history.Change{}, err
		}
		for name, kept := range change {
			result, err := execute(ctx, tx, "retention/set", args{"name": string(name), "seconds": int64(kept / retentionUnit)})
			if err != nil {
				return history.Change{}, fmt.Errorf("set the retention of %s: %w", name, err)
			}
			if changed, err := result.RowsAffected(); err != nil || changed == 0 {
				return history.Change{}, errors.Join(err, fmt.Errorf("nothing is kept under the name %s", name))
			}
		}
		if times, err = readRetention(ctx, tx); err != nil {
			return history.Change{}, err
		}
		return history.Change{Noun: history.Retention, Act: history.Edit, Old: before.Recorded(), New: times.Recorded()},
			checkRetention(ctx, tx, times, lateClicks)
	})
	if err != nil {
		return nil, err
	}
	return times, nil
}

// CheckRetention returns a retention.TooShortError when clicks and hits are dropped
// before the largest attribution window and the late-click window are over.
func (s *Store) CheckRetention(ctx context.Context, times retention.Times, lateClicks time.Duration) error {
	return checkRetention(ctx, s.db, times, lateClicks)
}

func checkRetention(ctx context.Context, db sqlx.QueryerContext, times retention.Times, lateClicks time.Duration) error {
	var largest []struct {
		ID            int64 `db:"id"`
		AccountID     int64 `db:"account_id"`
		WindowSeconds int64 `db:"window_seconds"`
	}
	if err := selectRows(ctx, db, &largest, "offers/largest_window", nil); err != nil {
		return fmt.Errorf("look for the largest attribution window: %w", err)
	}
	if len(largest) == 0 {
		return times.Covers(0, 0, lateClicks)
	}
	return times.Covers(time.Duration(largest[0].WindowSeconds)*windowUnit, largest[0].ID, lateClicks)
}

// CheckStoredRetention is CheckRetention for the retention that is stored.
func (s *Store) CheckStoredRetention(ctx context.Context, lateClicks time.Duration) error {
	times, err := s.Retention(ctx)
	if err != nil {
		return err
	}
	return s.CheckRetention(ctx, times, lateClicks)
}

// CheckWindow returns a retention.TooShortError when clicks and hits are dropped before
// an offer's window and the late-click window are over. offer is 0 for an offer that does
// not exist yet.
func (s *Store) CheckWindow(ctx context.Context, window time.Duration, offer int64, lateClicks time.Duration) error {
	times, err := s.Retention(ctx)
	if err != nil {
		return err
	}
	return reference.Invalid(times.Covers(window, offer, lateClicks))
}
