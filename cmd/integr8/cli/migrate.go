package cli

import (
	"context"
	"time"

	"integr8/handlers/operate/schema"
	"integr8/pipeline/failure"
)

type migrateCommand struct{ output }

// Run migrates. A lock that others hold, such as a backup, is waited for.
func (c *migrateCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	return printing(c.output, inv, migratedTable).one(schema.Migrate(ctx, db, func(err error, again time.Duration) {
		inv.warn("a backup or another long statement holds a lock, trying again in %s: %s", again, failure.OneLine(err))
	}))
}

func migratedTable(all ...schema.Migrated) func(*table) {
	return func(t *table) {
		for _, migrated := range all {
			if len(migrated.Applied) == 0 {
				t.row("The schema is up to date.")
			}
			for _, version := range migrated.Applied {
				t.row("Applied migration", version)
			}
		}
	}
}
