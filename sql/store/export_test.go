package store

import "github.com/jmoiron/sqlx"

// Deciding gives the sessions that decide hits.
func (s *Store) Deciding() *sqlx.DB { return s.deciding }
