package store

import (
	"context"
	"fmt"
)

// finishIndexes builds the indexes that a migration has begun and not finished, for
// example because a backup held a lock. Postgres keeps such an index but never uses it,
// and a second run of the migration does not build it, because its name exists already.
func (s *Store) finishIndexes(ctx context.Context) error {
	var indexes []struct {
		Name     string `db:"name"`
		LeftOver bool   `db:"left_over"`
	}
	if err := selectRows(ctx, s.schema, &indexes, "server/unfinished_indexes", nil); err != nil {
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
