package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/audit"
	"integr8/pipeline/books"
	"integr8/pipeline/token"
	"integr8/sql/store/pg"
)

// FirstHitDay returns the first day whose hits are kept; false when there is none.
func (s *Store) FirstHitDay(ctx context.Context) (time.Time, bool, error) {
	days, states, err := s.partitions(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	for i, day := range days {
		if day.Table == hitsTable && states[i] == attached {
			return day.Begin, true, nil
		}
	}
	return time.Time{}, false, nil
}

// EachNumber calls use with the number of each hit that was received from a time to
// before another.
func (s *Store) EachNumber(ctx context.Context, from, to time.Time, use func(audit.Numbered)) error {
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read the numbers of hits: %w", pg.Ended(err))
	}
	defer tx.Rollback() // it has only read
	type hitRow struct {
		numberRow
		ID uuid.UUID
	}
	err = eachRow(ctx, tx, "books/rows", args{"low": token.FirstID(from), "high": token.FirstID(to)}, func(row *hitRow) error {
		use(audit.Numbered{Receipt: row.ID, Incarnation: row.Incarnation, Topic: row.Kind.Topic(), Number: row.Number})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the numbers of hits: %w", pg.Ended(err))
	}
	return nil
}

// RemovedNumbers returns the numbers of settled hits whose rows were deleted.
func (s *Store) RemovedNumbers(ctx context.Context) (removed []books.Block, err error) {
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read the numbers of deleted hits: %w", pg.Ended(err))
	}
	defer tx.Rollback() // it has only read
	err = eachRow(ctx, tx, "books/removed", nil, func(row *blockRow) error {
		numbers, err := bitsOf(row.Numbers)
		removed = append(removed, books.Block{Incarnation: row.Incarnation, Topic: row.Topic, Block: row.Block, Numbers: numbers})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the numbers of deleted hits: %w", pg.Ended(err))
	}
	return removed, nil
}

// ConversionDifferences returns hits that converted without a conversion, and
// conversions without such a hit, that were received from a time to before another; at
// most most.
func (s *Store) ConversionDifferences(ctx context.Context, from, to time.Time, most int) ([]audit.ConversionDifference, error) {
	var found []audit.ConversionDifference
	err := selectRows(ctx, s.db, &found, "books/conversions", args{"low": token.FirstID(from), "high": token.FirstID(to), "most": most})
	if err != nil {
		return nil, fmt.Errorf("compare conversions with hits: %w", pg.Ended(err))
	}
	return found, nil
}
