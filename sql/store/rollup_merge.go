package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/pipeline/hit"
)

const (
	// minutesKept is how long sums by minute are kept, for charts.
	minutesKept = 48 * time.Hour
	// minuteClosed is how long after its end a minute is taken for complete. What is
	// added later costs one more row.
	minuteClosed = 30 * time.Second
	// hourClosed is the same for an hour.
	hourClosed = 5 * time.Minute
	// rollupBatch is how many rows one transaction moves at most: less than a second.
	rollupBatch = 100_000
	// grains is how many values rollups.grain has.
	grains = 4
)

// rollupKinds are the kinds of hits that roll-ups count.
var rollupKinds = []hit.Kind{hit.Click, hit.Postback, hit.Pixel, hit.Clickless}

// MergeRollups sums roll-ups up: deltas by minute, the minutes of a past hour by quarter
// hour, the rows of a past day by key, and those of a month. What a reader counts does not change. It only
// adds and deletes rows that no other session changes, so nobody waits for it. One process
// at a time merges; MergeRollups does nothing while another does.
func (s *Store) MergeRollups(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.compactRollups, s.foldRollups, s.finishRollups, s.addDaysToMonths, s.finishMonths, s.dropRollupMinutes} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("merge roll-ups: %w", err)
		}
	}
	return nil
}

// mergeStep runs one step in a transaction of its own, unless another process merges.
// step returns whether there is more to do.
func (s *Store) mergeStep(ctx context.Context, step func(tx *sqlx.Tx) (more bool, err error)) error {
	for more := true; more; {
		tx, err := s.db.BeginTxx(ctx, nil)
		if err != nil {
			return err
		}
		var alone bool
		if err = selectRow(ctx, tx, &alone, "rollups/lock_merging", nil); err == nil {
			more = false
			if alone {
				more, err = step(tx)
			}
		}
		if err == nil {
			err = tx.Commit()
		}
		_ = tx.Rollback() // after a commit it has nothing to do
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) compactRollups(ctx context.Context) error {
	return s.mergeStep(ctx, func(tx *sqlx.Tx) (bool, error) {
		state, err := readRollupState(ctx, tx)
		if err != nil {
			return false, err
		}
		var moved int64
		err = selectRow(ctx, tx, &moved, "rollups/compact", args{
			"closed":    state.Now.Add(-minuteClosed).Truncate(time.Minute),
			"kept_from": state.Now.Add(-minutesKept).Truncate(time.Minute),
			"most":      rollupBatch,
		})
		return moved == rollupBatch, err
	})
}

func (s *Store) foldRollups(ctx context.Context) error {
	return s.mergeStep(ctx, func(tx *sqlx.Tx) (bool, error) {
		state, err := readRollupState(ctx, tx)
		if err != nil {
			return false, err
		}
		until := state.Now.Add(-hourClosed).Truncate(time.Hour)
		if state.NextMinute != nil {
			if end := state.NextMinute.Truncate(time.Hour).Add(time.Hour); end.Before(until) {
				until = end
			}
		}
		if !until.After(state.FoldedUntil) {
			return false, nil
		}
		_, err = execute(ctx, tx, "rollups/fold", args{"until": until})
		return true, err
	})
}

// finishRollups sums up past days, a grain and a kind at a time.
func (s *Store) finishRollups(ctx context.Context) error {
	var days []time.Time
	if err := selectRows(ctx, s.db, &days, "rollups/unfinished", nil); err != nil {
		return err
	}
	for _, day := range days {
		for grain := range grains {
			for _, kind := range rollupKinds {
				err := s.mergeStep(ctx, func(tx *sqlx.Tx) (bool, error) {
					_, err := execute(ctx, tx, "rollups/finish", args{"day": day, "grain": grain, "kind": string(kind)})
					return false, err
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Store) dropRollupMinutes(ctx context.Context) error {
	return s.mergeStep(ctx, func(tx *sqlx.Tx) (bool, error) {
		state, err := readRollupState(ctx, tx)
		if err != nil {
			return false, err
		}
		result, err := execute(ctx, tx, "rollups/drop_minutes", args{"kept_from": state.Now.Add(-minutesKept), "most": rollupBatch})
		if err != nil {
			return false, err
		}
		dropped, err := result.RowsAffected()
		return dropped == rollupBatch, err
	})
}

// rollupState is how far the roll-ups are, by the database's clock.
type rollupState struct {
	Now          time.Time  `db:"now"`
	FoldedUntil  time.Time  `db:"folded_until"`
	MonthsUntil  time.Time  `db:"months_until"`
	CompleteFrom time.Time  `db:"complete_from"`
	NextMinute   *time.Time `db:"next_minute"`
}

func readRollupState(ctx context.Context, db sqlx.QueryerContext) (rollupState, error) {
	var state rollupState
	if err := selectRow(ctx, db, &state, "rollups/state", nil); err != nil {
		return rollupState{}, fmt.Errorf("read how far the roll-ups are: %w", err)
	}
	for _, at := range []*time.Time{&state.Now, &state.FoldedUntil, &state.MonthsUntil, &state.CompleteFrom} {
		*at = at.UTC()
	}
	return state, nil
}
