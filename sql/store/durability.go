package store

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	sqlfiles "integr8/sql"
)

// Durability is what Postgres may lose of committed rows when it crashes.
type Durability struct {
	// Off names the settings that are off for sessions like this one.
	Off []string
	// Unlogged names the tables that are emptied after a crash.
	Unlogged []string
	// Disposable is set where the server's setting integr8.disposable says that
	// nobody will miss its data.
	Disposable bool
}

// Durability reads the settings of the server, the database and the role.
func (s *Store) Durability(ctx context.Context) (Durability, error) {
	var row struct {
		Settings   pq.StringArray `db:"settings"`
		Unlogged   pq.StringArray `db:"unlogged"`
		Disposable bool           `db:"disposable"`
	}
	if err := s.db.GetContext(ctx, &row, sqlfiles.Query("durability")); err != nil {
		return Durability{}, fmt.Errorf("look at what a crash would lose: %w", err)
	}
	return Durability{Off: row.Settings, Unlogged: row.Unlogged, Disposable: row.Disposable}, nil
}

// SchemaVersions returns the version of the schema, and the latest that this
// program knows.
func (s *Store) SchemaVersions(ctx context.Context) (applied, known int64, err error) {
	provider, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	applied, known, err = provider.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("compare the schema with the migrations: %w", err)
	}
	return applied, known, nil
}
