package store

import (
	"database/sql"
	"errors"
	"fmt"

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
