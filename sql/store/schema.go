package store

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"
)

// SchemaError means that the version of the schema is not the one that this program
// needs.
type SchemaError struct {
	// Applied is the version of the schema, and Known the latest version that this program
	// knows.
	Applied, Known int64
}

// Newer reports whether a later version of the program has migrated the schema.
func (e *SchemaError) Newer() bool { return e.Applied > e.Known }

// Error returns a sentence with both versions.
func (e *SchemaError) Error() string {
	if e.Newer() {
		return fmt.Sprintf("the database schema is of version %d, and this program knows it up to %d only", e.Applied, e.Known)
	}
	return fmt.Sprintf("the database schema is not up to date: it is of version %d, and this program needs %d", e.Applied, e.Known)
}

// Hint says how to bring the program and the schema to the same version.
func (e *SchemaError) Hint() string {
	if e.Newer() {
		return "use the integr8 that migrated it, or a newer one, for every process"
	}
	return "run `integr8 migrate`"
}

// CheckSchema returns a SchemaError unless the schema has the version that this
// program needs. It does not wait for a migration that is under way.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("compare the schema with the migrations: %w", err)
	}
	return compareSchema(ctx, provider, pending)
}

// compareSchema returns a SchemaError when migrations are pending, or when the
// schema has a version that this program does not know.
func compareSchema(ctx context.Context, provider *goose.Provider, pending bool) error {
	applied, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("compare the schema with the migrations: %w", err)
	}
	if pending || applied > known {
		return &SchemaError{Applied: applied, Known: known}
	}
	return nil
}
