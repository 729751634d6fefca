package store

import (
	"context"
	"fmt"

	"integr8/handlers/attribution"
)

// WriteUndecodable writes a dead letter for a message that is not a hit, without an
// account. It is idempotent.
func (s *Store) WriteUndecodable(ctx context.Context, letter attribution.Undecodable) error {
	_, err := execute(ctx, s.db, "dead_letters/insert_undecodable", args{"id": letter.ID, "payload": letter.Payload, "error": letter.Error})
	if err != nil {
		return fmt.Errorf("write an undecodable message as a dead letter: %w", err)
	}
	return nil
}
