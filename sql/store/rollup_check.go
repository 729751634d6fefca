package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/report"
	"integr8/handlers/operate/rollup"
	"integr8/pipeline/token"
)

// quarterArguments are the parameters of the rows of a quarter hour. A click is made
// in the same moment as its hit.
func quarterArguments(begin time.Time) args {
	end := begin.Add(report.Quarter)
	return args{
		"begins": begin, "ends": end, "low": token.FirstID(begin), "high": token.FirstID(end),
		"click_low": token.FirstID(begin.Add(-refusedClickSpan)), "click_high": token.FirstID(end.Add(refusedClickSpan)),
	}
}

// RollupDifferences compares the roll-ups of the quarter hour that begins then with the rows,
// in one snapshot of the database. It returns at most so many differences, and the number of
// all.
func (s *Store) RollupDifferences(ctx context.Context, begin time.Time, most int) ([]rollup.Difference, int, error) {
	found, total, err := s.rollupDifferences(ctx, "rollups/differences", quarterArguments(begin).with(args{"most": most}))
	if err != nil {
		return nil, 0, fmt.Errorf("compare the roll-ups of %s with the rows: %w", begin.Format(time.RFC3339), err)
	}
	return found, total, nil
}

func (s *Store) rollupDifferences(ctx context.Context, statement string, arguments args) (found []rollup.Difference, total int, err error) {
	var rows []struct {
		rollup.Difference
		Total int `db:"total"`
	}
	if err := selectRows(ctx, s.db, &rows, statement, arguments); err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		row.Begins = row.Begins.UTC()
		found, total = append(found, row.Difference), row.Total
	}
	return found, total, nil
}

// RepairRollups makes the roll-ups of the quarter hour that begins then equal to the rows, and
// returns how many sums differed. Hits may be written meanwhile. It returns rollup.ErrBusy
// while another process repairs.
func (s *Store) RepairRollups(ctx context.Context, begin time.Time) (differed int, err error) {
	err = s.repairAlone(ctx, func(tx *sqlx.Tx) error {
		if err := selectRow(ctx, tx, &differed, "rollups/repair", quarterArguments(begin)); err != nil || differed == 0 {
			return err
		}
		var corrected int
		return selectRow(ctx, tx, &corrected, "rollups/repair_month", args{"day": begin})
	})
	if err != nil {
		return 0, fmt.Errorf("repair the roll-ups of %s: %w", begin.Format(time.RFC3339), err)
	}
	return differed, nil
}

// repairAlone repairs in a transaction, while no other process repairs or merges.
func (s *Store) repairAlone(ctx context.Context, repair func(*sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	var alone bool
	if err := selectRow(ctx, tx, &alone, "rollups/lock_repair", nil); err != nil {
		return err
	}
	if !alone {
		return rollup.ErrBusy
	}
	if _, err := execute(ctx, tx, "rollups/wait_merging", nil); err != nil {
		return err
	}
	if err := repair(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// RollupSpan returns since when rows exist, the zero time where there are none, since when
// the roll-ups count them, and the time by the database's clock.
func (s *Store) RollupSpan(ctx context.Context) (rollup.Span, error) {
	state, err := readRollupState(ctx, s.db)
	if err != nil {
		return rollup.Span{}, err
	}
	span := rollup.Span{CompleteFrom: state.CompleteFrom, Now: state.Now}
	var oldest []uuid.UUID
	if err := selectRows(ctx, s.db, &oldest, "rollups/oldest", nil); err != nil {
		return rollup.Span{}, errors.Join(errors.New("look for the oldest hit"), err)
	}
	for _, id := range oldest {
		if at := token.TransactionID(id).Time().UTC(); span.RowsFrom.IsZero() || at.Before(span.RowsFrom) {
			span.RowsFrom = at
		}
	}
	return span, nil
}

// CompleteRollups records that the roll-ups count all rows.
func (s *Store) CompleteRollups(ctx context.Context) error {
	if _, err := execute(ctx, s.db, "rollups/complete", nil); err != nil {
		return fmt.Errorf("record that all rows are counted: %w", err)
	}
	return nil
}
