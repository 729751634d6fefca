package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	sqlfiles "integr8/sql"
)

// Undecodable is a message that was no hit. Only its bytes are known.
type Undecodable struct {
	ID      uuid.UUID
	Payload []byte
	Error   string
}

// WriteUndecodable keeps such a message among the dead letters, under no
// account. Writing the same one again changes nothing.
func (s *Store) WriteUndecodable(ctx context.Context, letter Undecodable) error {
	_, err := s.db.ExecContext(ctx, sqlfiles.Query("insert_undecodable"), letter.ID, letter.Payload, letter.Error)
	if err != nil {
		return fmt.Errorf("keep an undecodable message: %w", err)
	}
	return nil
}
