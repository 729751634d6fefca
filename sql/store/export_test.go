package store

import "github.com/jmoiron/sqlx"

// Deciding gives the sessions that decide hits.
func (s *Store) Deciding() *sqlx.DB { return s.deciding }

// What marks errors by their place.
type (
	PQConn          = pqConn
	PlacedConnector = placedConnector
	PlacedTx        = placedTx
)

// Placed marks the errors of a connection.
func Placed(conn PQConn) PQConn { return placedConn{conn} }
