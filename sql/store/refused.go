package store

import (
	"fmt"

	"integr8/handlers/operate/reference"
	"integr8/sql/store/pg"
)

// referring returns the error in references for the foreign key that err violates. It
// wraps any other error with what was tried.
func referring(err error, tried string, references map[string]*reference.NotFoundError) error {
	if missing, ok := references[pg.ForeignKey(err)]; ok {
		return missing
	}
	return fmt.Errorf("%s: %w", tried, err)
}
