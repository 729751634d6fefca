package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/retention"
	"integr8/sql/store/pg"
)

// forgetBatch is how many dead letters are deleted in one transaction: some
// milliseconds of locks. Rows that another session has locked are skipped.
const forgetBatch = 500

// Forgotten counts dead letters that were deleted at the end of their
// retention.
type Forgotten struct {
	// Closed were resolved, discarded or replayed. UnknownToken were open with an
	// unknown token, and Surplus the same above the rate of such hits; the rows of the
	// hits of Surplus are deleted too.
	Closed, UnknownToken, Surplus int64
}

// ForgetDeadLetters deletes dead letters whose retention is over, by the
// database's clock, in small transactions. Several processes may call it at once.
// After an error it returns the counts of the letters that it deleted before.
func (s *Store) ForgetDeadLetters(ctx context.Context, times retention.Times) (forgotten Forgotten, err error) {
	kept := times.DeadLetters()
	for _, rule := range []struct {
		kept   time.Duration
		forget func(ctx context.Context, tx *sqlx.Tx, kept time.Duration) (int64, error)
		count  *int64
	}{
		{kept.Closed, forgetBy("dead_letters/delete_closed"), &forgotten.Closed},
		{kept.UnknownToken, forgetBy("dead_letters/delete_unknown_token"), &forgotten.UnknownToken},
		{kept.Surplus(), forgetSurplus, &forgotten.Surplus},
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

// forgetSome deletes a batch in its own transaction.
func (s *Store) forgetSome(ctx context.Context, kept time.Duration,
	forget func(context.Context, *sqlx.Tx, time.Duration) (int64, error),
) (int64, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	if _, err := execute(ctx, tx, "sessions/bound_lock_waits", args{"longest": "1s"}); err != nil {
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
		result, err := execute(ctx, tx, statement, args{"kept_seconds": kept.Seconds(), "most": forgetBatch})
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	}
}

// forgetSurplus deletes dead letters with the rows of their hits. It locks the hits
// first, in the same order as Write.
func forgetSurplus(ctx context.Context, tx *sqlx.Tx, kept time.Duration) (int64, error) {
	var ids []uuid.UUID
	if err := selectRows(ctx, tx, &ids, "dead_letters/find_surplus", args{"kept_seconds": kept.Seconds(), "most": forgetBatch}); err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, nil
	}
	first, end := slices.MinFunc(ids, compareIDs), slices.MaxFunc(ids, compareIDs)
	for i := len(end) - 1; i >= 0; i-- { // the id after the last
		if end[i]++; end[i] != 0 {
			break
		}
	}
	var locked, deleted []uuid.UUID
	if err := selectRows(ctx, tx, &locked, "hits/lock_surplus", args{"ids": pg.IDs(ids), "first_id": first, "end_id": end}); err != nil {
		return 0, err
	}
	err := selectRows(ctx, tx, &deleted, "dead_letters/delete_surplus",
		args{"ids": pg.IDs(ids), "locked_ids": pg.IDs(locked), "first_id": first, "end_id": end})
	if err != nil {
		return 0, err
	}
	var numbers []numberRow
	if err := selectRows(ctx, tx, &numbers, "hits/delete_surplus", args{"ids": pg.IDs(deleted), "first_id": first, "end_id": end}); err != nil {
		return 0, err
	}
	return int64(len(deleted)), removeNumbers(ctx, tx, numbers)
}
