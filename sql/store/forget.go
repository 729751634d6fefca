package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// forgetBatch is how many dead letters are deleted in one transaction: some
// milliseconds of locks that nobody waits for, because rows that somebody else
// has locked are passed over.
const forgetBatch = 500

// SurplusRetention is how long a hit is kept whose token nobody knows and that
// came past the rate of such hits: long enough to see a flood of postbacks whose
// token is still to be imported, and to replay it.
const SurplusRetention = 24 * time.Hour

// Forgotten counts dead letters that were deleted at the end of their
// retention.
type Forgotten struct {
	// Closed were resolved, discarded or replayed, UnknownToken open with a
	// token that nobody knows, and Surplus the same past the rate of such hits,
	// which take the rows of their hits along.
	Closed, UnknownToken, Surplus int64
}

// ForgetDeadLetters deletes dead letters whose retention is over, by the
// database's clock, in small transactions. Several processes may do so at once.
// What was deleted before an error is counted.
func (s *Store) ForgetDeadLetters(ctx context.Context, retention Retention) (forgotten Forgotten, err error) {
	for _, rule := range []struct {
		kept   time.Duration
		forget func(ctx context.Context, tx *sqlx.Tx, kept time.Duration) (int64, error)
		count  *int64
	}{
		{retention[RetainClosedDeadLetters], forgetBy("delete_closed_dead_letters"), &forgotten.Closed},
		{retention[RetainUnknownTokenDeadLetters], forgetBy("delete_unknown_token_dead_letters"), &forgotten.UnknownToken},
		{retention.surplus(), forgetSurplus, &forgotten.Surplus},
	} {
		if rule.kept <= 0 {
			continue // for ever
		}
		for more := true; more; {
			deleted, err := s.forgetSome(ctx, rule.kept, rule.forget)
			if err != nil {
				return forgotten, fmt.Errorf("delete dead letters whose retention is over: %w", err)
			}
			*rule.count += deleted
			more = deleted == forgetBatch
		}
	}
	return forgotten, nil
}

// forgetSome deletes a batch in a transaction of its own.
func (s *Store) forgetSome(ctx context.Context, kept time.Duration,
	forget func(context.Context, *sqlx.Tx, time.Duration) (int64, error),
) (int64, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '1s'"); err != nil {
		return 0, err
	}
	deleted, err := forget(ctx, tx, kept)
	if err != nil {
		return 0, err
	}
	return deleted, tx.Commit()
}

func forgetBy(statement string) func(context.Context, *sqlx.Tx, time.Duration) (int64, error) {
	return func(ctx context.Context, tx *sqlx.Tx, kept time.Duration) (int64, error) {
		result, err := tx.ExecContext(ctx, sqlfiles.Query(statement), kept.Seconds(), forgetBatch)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	}
}

// forgetSurplus deletes dead letters with the rows of their hits. Those are
// locked first, in the order that Write keeps to.
func forgetSurplus(ctx context.Context, tx *sqlx.Tx, kept time.Duration) (int64, error) {
	var ids []uuid.UUID
	if err := tx.SelectContext(ctx, &ids, sqlfiles.Query("find_surplus"), kept.Seconds(), forgetBatch); err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, nil
	}
	byBytes := func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
	first, last := slices.MinFunc(ids, byBytes), slices.MaxFunc(ids, byBytes)
	for i := len(last) - 1; i >= 0; i-- { // the id after the last
		if last[i]++; last[i] != 0 {
			break
		}
	}
	var locked, deleted []uuid.UUID
	if err := tx.SelectContext(ctx, &locked, sqlfiles.Query("lock_surplus"), uuidArray(ids), first, last); err != nil {
		return 0, err
	}
	if err := tx.SelectContext(ctx, &deleted, sqlfiles.Query("delete_surplus_dead_letters"),
		uuidArray(ids), uuidArray(locked), first, last); err != nil {
		return 0, err
	}
	_, err := tx.ExecContext(ctx, sqlfiles.Query("delete_surplus_hits"), uuidArray(deleted), first, last)
	return int64(len(deleted)), err
}

// KeptUntil is when a dead letter's retention is over; zero for one that is kept
// for ever, or for as long as it is open.
func (r Retention) KeptUntil(letter *DeadLetter) time.Time {
	kept, since := time.Duration(0), letter.DiedAt
	switch {
	case letter.Status != DeadOpen:
		kept, since = r[RetainClosedDeadLetters], letter.StatusAt
	case letter.Reason == attribution.UnknownToken && letter.Surplus:
		kept = r.surplus()
	case letter.Reason == attribution.UnknownToken:
		kept = r[RetainUnknownTokenDeadLetters]
	}
	if kept <= 0 {
		return time.Time{}
	}
	return since.Add(kept)
}

// surplus is how long open dead letters are kept that came past the rate.
func (r Retention) surplus() time.Duration {
	if unknown := r[RetainUnknownTokenDeadLetters]; unknown > 0 {
		return min(unknown, SurplusRetention)
	}
	return SurplusRetention
}
