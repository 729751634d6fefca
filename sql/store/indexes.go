package store

import (
	"context"
	"fmt"

	sqlfiles "integr8/sql"
)

// finishIndexes builds those indexes that a migration has begun to build and given
// up, as when a backup held it up. Postgres keeps such an index and never uses it,
// and the migration finds its name taken when it is run again.
func (s *Store) finishIndexes(ctx context.Context) error {
	var indexes []struct {
		Name     string `db:"name"`
		LeftOver bool   `db:"left_over"`
	}
	if err := s.schema.SelectContext(ctx, &indexes, sqlfiles.Query("unfinished_indexes")); err != nil {
		return fmt.Errorf("look for unfinished indexes: %w", err)
	}
	for _, index := range indexes {
		statement := "REINDEX INDEX CONCURRENTLY "
		if index.LeftOver {
			statement = "DROP INDEX "
		}
		if _, err := s.schema.ExecContext(ctx, statement+index.Name); err != nil {
			return fmt.Errorf("finish index %s: %w", index.Name, err)
		}
	}
	return nil
}
