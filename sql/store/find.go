package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// Clicks gives the recorded clicks of these transaction_ids, of whatever
// account, by transaction_id. Ids without a click are not in the answer.
func (s *Store) Clicks(ctx context.Context, ids []hit.TransactionID) (map[hit.TransactionID]attribution.Click, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		TransactionID uuid.UUID `db:"transaction_id"`
		AccountID     int64     `db:"account_id"`
		OfferID       int64     `db:"offer_id"`
		PublisherID   int64     `db:"publisher_id"`
		ClickedAt     time.Time `db:"clicked_at"`
	}
	if err := s.deciding.SelectContext(ctx, &rows, sqlfiles.Query("find_clicks"), ascending(ids)); err != nil {
		return nil, fmt.Errorf("look up %d clicks: %w", len(ids), err)
	}
	clicks := make(map[hit.TransactionID]attribution.Click, len(rows))
	for _, row := range rows {
		clicks[hit.TransactionID(row.TransactionID)] = attribution.Click(row)
	}
	return clicks, nil
}
