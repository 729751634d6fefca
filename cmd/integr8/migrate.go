package main

import "context"

type migrateCommand struct{ output }

type migrated struct {
	Applied []int64 `json:"applied"`
}

// Run migrates. Any number of processes may do so at once.
func (c *migrateCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	applied, err := db.Migrate(ctx)
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
