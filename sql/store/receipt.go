package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"integr8/handlers/operate/receipt"
)

// Receipt returns what is recorded of a hit; false when there is nothing.
func (s *Store) Receipt(ctx context.Context, id uuid.UUID) (receipt.Row, bool, error) {
	var row receipt.Row
	err := selectRow(ctx, s.db, &row, "receipts/show", args{"id": id})
	if errors.Is(err, sql.ErrNoRows) {
		return receipt.Row{}, false, nil
	}
	if err != nil {
		return receipt.Row{}, false, fmt.Errorf("look up a receipt: %w", err)
	}
	return row, true, nil
}
