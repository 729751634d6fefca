package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/reference"
)

// created is found for the insert of a row that belongs to a parent object. Such a
// statement inserts a selection from the parent: when that does not exist, the insert
// returns no row, and uses up no id of the sequence.
func created(err error, tried string, parent reference.Object, account, id int64) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return found(err, parent, account, id)
	}
	return fmt.Errorf("%s: %w", tried, err)
}

// inTurn runs do in a transaction, one caller after the other. So do can check first
// whether an object exists: a unique violation would use up an id of the sequence.
func (s *Store) inTurn(ctx context.Context, do func(tx *sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing, after a failure the failure counts
	if _, err := execute(ctx, tx, "sessions/bound_lock_waits", args{"longest": "5s"}); err != nil {
		return fmt.Errorf("bound the wait for other commands: %w", err)
	}
	if _, err := execute(ctx, tx, "sessions/lock_creating", nil); err != nil {
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
