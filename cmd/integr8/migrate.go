package main

import (
	"context"
	"fmt"
	"time"

	"integr8/sql/store"
)

type migrateCommand struct{ output }

type migrated struct {
	Applied []int64 `json:"applied"`
}

// migrateAgain is how long a migration waits that could not have its lock. A
// try takes a second, in which all who need the table wait behind it.
const migrateAgain = time.Minute

// Run migrates. Any number of processes may do so at once. A lock that others
// hold, such as a backup, is waited for.
func (c *migrateCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	applied, err := db.Migrate(ctx)
	for store.IsLocked(err) {
		app.warn("a backup or another long statement holds a lock, trying again in %s: %s", migrateAgain, oneLine(err))
		select {
		case <-time.After(migrateAgain):
		case <-ctx.Done():
			return fmt.Errorf("wait for a lock: %w", ctx.Err())
		}
		var more []int64
		more, err = db.Migrate(ctx)
		applied = append(applied, more...)
	}
	if err != nil {
		return err
	}
	return c.print(app, migrated{Applied: append([]int64{}, applied...)}, func(t *table) {
		if len(applied) == 0 {
			t.row("The schema is up to date.")
		}
		for _, version := range applied {
			t.row("Applied migration", version)
		}
	})
}
