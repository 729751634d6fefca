package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"integr8/handlers/attribution"
)

// Deciding returns the sessions that decide hits.
func (s *Store) Deciding() *sqlx.DB { return s.deciding }

// OneConnection returns the general sessions, of which there is one from now on.
func OneConnection(s *Store) *sqlx.DB {
	s.db.SetMaxOpenConns(1)
	return s.db
}

// What marks errors by their place.
type (
	PQConn          = pqConn
	PlacedConnector = placedConnector
	PlacedTx        = placedTx
)

// Placed marks the errors of a connection.
func Placed(conn PQConn) PQConn { return placedConn{conn} }

// Migrations returns what brings the schema to a version.
func (s *Store) Migrations() (*goose.Provider, error) { return s.migrations() }

// Ended marks an error that says that the session is gone.
func Ended(err error) error { return ended(err) }

// EnsureDay makes the partition of a day.
func (s *Store) EnsureDay(ctx context.Context, table string, day time.Time) error {
	return s.ensureDays(ctx, []Day{{table, day.UTC().Truncate(oneDay)}})
}

// ChangeIdentity begins an edit of an offer's rules of identity.
func ChangeIdentity(ctx context.Context, tx *sqlx.Tx, account, offer int64, rules attribution.Identity) error {
	return changeIdentity(ctx, tx, account, offer, rules)
}
