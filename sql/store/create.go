package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// created is found for a row that could not be made because the object it
// belongs to is not there. Such a statement inserts what it selects from that
// object: where there is none, no id is drawn from the sequence.
func created(err error, tried string, parent Object, account, id int64) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return found(err, parent, account, id)
	}
	return fmt.Errorf("%s: %w", tried, err)
}

// inTurn runs do in a transaction, one caller after the other. A unique
// violation uses up an id: who looks first, and alone, has none.
func (s *Store) inTurn(ctx context.Context, do func(tx *sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing, after a failure the failure counts
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '5s'"); err != nil {
		return fmt.Errorf("bound the wait for other commands: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('integr8 unique reference'::text))"); err != nil {
		return fmt.Errorf("wait for other commands that create: %w", err)
	}
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
