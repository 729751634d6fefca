package store

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"integr8/handlers/operate/doctor"
)

// Durability reads the settings of the server, the database and the role.
func (s *Store) Durability(ctx context.Context) (doctor.Durability, error) {
	var row struct {
		Settings   pq.StringArray `db:"settings"`
		Unlogged   pq.StringArray `db:"unlogged"`
		Disposable bool           `db:"disposable"`
	}
	if err := selectRow(ctx, s.db, &row, "server/durability", nil); err != nil {
		return doctor.Durability{}, fmt.Errorf("look at what a crash would lose: %w", err)
	}
	return doctor.Durability{Off: row.Settings, Unlogged: row.Unlogged, Disposable: row.Disposable}, nil
}
