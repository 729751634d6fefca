package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// checkCreation refuses a creation that has been made before. The caller holds the lock of
// lockReference, so that no other one is under way.
func checkCreation(ctx context.Context, tx *sqlx.Tx, creation *reference.Creation) error {
	if creation == nil {
		return nil
	}
	if _, err := execute(ctx, tx, "creations/forget", nil); err != nil {
		return fmt.Errorf("forget old creations: %w", err)
	}
	var row struct {
		ObjectID int64  `db:"object_id"`
		Request  []byte `db:"request"`
	}
	err := selectRow(ctx, tx, &row, "creations/find", args{"account_id": creation.Account, "key": creation.Key[:]})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look up a creation: %w", err)
	case !bytes.Equal(row.Request, creation.Request[:]):
		return reference.ErrOtherRequest
	default:
		return &reference.CreatedBeforeError{ID: row.ObjectID}
	}
}

// keepCreation keeps what a request has created.
func keepCreation(ctx context.Context, tx *sqlx.Tx, creation *reference.Creation, made history.Change) error {
	if creation == nil || made.Act != history.Create && made.Act != history.Import {
		return nil
	}
	_, err := execute(ctx, tx, "creations/insert", args{
		"account_id": creation.Account, "key": creation.Key[:], "request": creation.Request[:], "object_id": made.ObjectID,
	})
	if err != nil {
		return fmt.Errorf("keep a creation: %w", err)
	}
	return nil
}
