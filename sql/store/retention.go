package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	sqlfiles "integr8/sql"
)

// RetentionName says what a retention is of.
type RetentionName string

// What is kept for a while. Conversions are kept for ever.
const (
	// RetainHits is of clicks and hits, which are dropped by whole days.
	RetainHits RetentionName = "hits"
	// RetainClosedDeadLetters is of dead letters that are resolved, discarded
	// or replayed, from that moment on.
	RetainClosedDeadLetters RetentionName = "closed_dead_letters"
	// RetainUnknownTokenDeadLetters is of open dead letters whose token nobody
	// knows, from their death. See also SurplusRetention.
	RetainUnknownTokenDeadLetters RetentionName = "unknown_token_dead_letters"
)

// RetentionNames lists them in the order in which they are shown.
func RetentionNames() []RetentionName {
	return []RetentionName{RetainHits, RetainClosedDeadLetters, RetainUnknownTokenDeadLetters}
}

// Retention says how long each is kept. Zero keeps it for ever, and so does a
// name that is not in it.
type Retention map[RetentionName]time.Duration

// retentionUnit is the unit in which a retention is stored.
const retentionUnit = time.Second

// RetentionError refuses a retention of hits and clicks that is shorter than
// the time in which they are still needed.
type RetentionError struct {
	// Retention is the one refused, or the one that refuses Window.
	Retention time.Duration
	// Window is the attribution window that needs a longer one, and Offer
	// whose it is; 0 for an offer that does not exist yet.
	Window time.Duration
	Offer  int64
	// LateClicks is how long a postback may wait for its click.
	LateClicks time.Duration
}

// Needed is the shortest retention that is not refused.
func (e *RetentionError) Needed() time.Duration { return e.Window + e.LateClicks }

// Error names both times.
func (e *RetentionError) Error() string {
	whose := "this offer's"
	if e.Offer != 0 {
		whose = fmt.Sprintf("offer %d's", e.Offer)
	}
	return fmt.Sprintf("clicks and hits kept for %s are dropped before %s attribution window of %s and the late-click window of %s are over",
		inDays(e.Retention), whose, inDays(e.Window), inDays(e.LateClicks))
}

// inDays writes whole days as such.
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}

// covers reports, as a RetentionError, whether hits are dropped while a
// conversion of such a window may still come.
func (r Retention) covers(window time.Duration, offer int64, lateClicks time.Duration) error {
	kept := r[RetainHits]
	if kept == 0 || kept >= window+lateClicks {
		return nil
	}
	return &RetentionError{Retention: kept, Window: window, Offer: offer, LateClicks: lateClicks}
}

// Retention reads how long everything is kept.
func (s *Store) Retention(ctx context.Context) (Retention, error) {
	return readRetention(ctx, s.db)
}

func readRetention(ctx context.Context, db sqlx.QueryerContext) (Retention, error) {
	var rows []struct {
		Name    RetentionName `db:"name"`
		Seconds int64         `db:"seconds"`
	}
	if err := sqlx.SelectContext(ctx, db, &rows, "SELECT name, seconds FROM retention"); err != nil {
		return nil, fmt.Errorf("read the retention: %w", err)
	}
	retention := make(Retention, len(rows))
	for _, row := range rows {
		retention[row.Name] = time.Duration(row.Seconds) * retentionUnit
	}
	return retention, nil
}

// SetRetention changes those that change names, all or none, and returns what
// holds then. It returns a RetentionError when hits would be dropped before the
// largest attribution window of any offer and the late-click window are over.
func (s *Store) SetRetention(ctx context.Context, change Retention, lateClicks time.Duration) (_ Retention, err error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("set the retention: %w", err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	for name, kept := range change {
		result, err := tx.ExecContext(ctx, sqlfiles.Query("set_retention"), string(name), int64(kept/retentionUnit))
		if err != nil {
			return nil, fmt.Errorf("set the retention of %s: %w", name, err)
		}
		if changed, err := result.RowsAffected(); err != nil || changed == 0 {
			return nil, errors.Join(err, fmt.Errorf("nothing is kept under the name %s", name))
		}
	}
	retention, err := readRetention(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := checkRetention(ctx, tx, retention, lateClicks); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("set the retention: %w", err)
	}
	return retention, nil
}

// CheckRetention returns a RetentionError when clicks and hits are dropped
// before the largest attribution window and the late-click window are over.
func (s *Store) CheckRetention(ctx context.Context, retention Retention, lateClicks time.Duration) error {
	return checkRetention(ctx, s.db, retention, lateClicks)
}

func checkRetention(ctx context.Context, db sqlx.QueryerContext, retention Retention, lateClicks time.Duration) error {
	var largest []struct {
		ID            int64 `db:"id"`
		AccountID     int64 `db:"account_id"`
		WindowSeconds int64 `db:"window_seconds"`
	}
	if err := sqlx.SelectContext(ctx, db, &largest, sqlfiles.Query("largest_window")); err != nil {
		return fmt.Errorf("look for the largest attribution window: %w", err)
	}
	if len(largest) == 0 {
		return retention.covers(0, 0, lateClicks)
	}
	return retention.covers(time.Duration(largest[0].WindowSeconds)*windowUnit, largest[0].ID, lateClicks)
}

// CheckWindow returns a RetentionError when clicks and hits are dropped before
// an offer's window and the late-click window are over. The offer is 0 while it
// has no number.
func (s *Store) CheckWindow(ctx context.Context, window time.Duration, offer int64, lateClicks time.Duration) error {
	retention, err := s.Retention(ctx)
	if err != nil {
		return err
	}
	return retention.covers(window, offer, lateClicks)
}
