package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/rollup"
)

// addDaysToMonths adds the days that have been folded to the sums by month, a day at a
// time, two hours after their end: few corrections follow then.
func (s *Store) addDaysToMonths(ctx context.Context) error {
	const day, settled = 24 * time.Hour, 2 * time.Hour
	return s.mergeStep(ctx, func(tx *sqlx.Tx) (bool, error) {
		state, err := readRollupState(ctx, tx)
		if err != nil || state.FoldedUntil.Before(state.MonthsUntil.Add(day+settled)) {
			return false, err
		}
		_, err = execute(ctx, tx, "rollups/add_day", nil)
		return true, err
	})
}

// finishMonths sums up the rows of months, a kind at a time.
func (s *Store) finishMonths(ctx context.Context) error {
	var months []time.Time
	if err := selectRows(ctx, s.db, &months, "rollups/unfinished_months", nil); err != nil {
		return err
	}
	for _, month := range months {
		for _, kind := range rollupKinds {
			err := s.mergeStep(ctx, func(tx *sqlx.Tx) (bool, error) {
				_, err := execute(ctx, tx, "rollups/finish_month", args{"month": month, "kind": string(kind)})
				return false, err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// RollupMonthDifferences compares the sums by month with those of the day of UTC that
// begins then. It returns at most so many differences, and the number of all.
func (s *Store) RollupMonthDifferences(ctx context.Context, day time.Time, most int) ([]rollup.Difference, int, error) {
	found, total, err := s.rollupDifferences(ctx, "rollups/month_differences", args{"day": day, "grain": rollup.OfDay, "most": most})
	if err != nil {
		return nil, 0, fmt.Errorf("compare the sums by month with %s: %w", day.Format(time.DateOnly), err)
	}
	return found, total, nil
}

// RepairRollupMonth makes the sums by month equal to those of the day of UTC that begins
// then, and returns how many differed. It returns rollup.ErrBusy while another process
// repairs.
func (s *Store) RepairRollupMonth(ctx context.Context, day time.Time) (differed int, err error) {
	err = s.repairAlone(ctx, func(tx *sqlx.Tx) error {
		return selectRow(ctx, tx, &differed, "rollups/repair_month", args{"day": day})
	})
	if err != nil {
		return 0, fmt.Errorf("repair the sums by month of %s: %w", day.Format(time.DateOnly), err)
	}
	return differed, nil
}
