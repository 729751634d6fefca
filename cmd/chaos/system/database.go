package system

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// AlterDatabase changes the drill's database, if change says anything, and
// ends every connection to it, so that all are made anew.
func (s *System) AlterDatabase(ctx context.Context, change string) error {
	admin, err := sql.Open("postgres", s.options.Servers.DatabaseURL)
	if err != nil {
		return fmt.Errorf("alter the drill's database: %w", err)
	}
	if change != "" {
		_, err = admin.ExecContext(ctx, "ALTER DATABASE "+s.database+" "+change)
	}
	if err == nil {
		_, err = admin.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", s.database)
	}
	if err := errors.Join(err, admin.Close()); err != nil {
		return fmt.Errorf("alter the drill's database: %w", err)
	}
	return nil
}
