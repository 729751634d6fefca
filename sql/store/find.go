package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Clicks returns the recorded clicks of these transaction_ids, of whatever
// account, by transaction_id. Ids without a click are not in the answer.
func (s *Store) Clicks(ctx context.Context, ids []hit.TransactionID) (map[hit.TransactionID]attribution.Click, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	type row struct {
		TransactionID uuid.UUID `db:"transaction_id"`
		AccountID     int64     `db:"account_id"`
		OfferID       int64     `db:"offer_id"`
		PublisherID   int64     `db:"publisher_id"`
		ClickedAt     time.Time `db:"clicked_at"`
		// RecordedEarly is set where it is before ClickedAt.
		RecordedEarly sql.NullTime `db:"recorded_early"`
	}
	var rows []row
	if err := selectByEra(ctx, s.deciding, &rows, "find_clicks", uuids(ids)); err != nil {
		return nil, fmt.Errorf("look up %d clicks: %w", len(ids), err)
	}
	clicks := make(map[hit.TransactionID]attribution.Click, len(rows))
	for _, row := range rows {
		click := attribution.Click{
			TransactionID: row.TransactionID, AccountID: row.AccountID, OfferID: row.OfferID,
			PublisherID: row.PublisherID, ClickedAt: row.ClickedAt, RulesAt: row.ClickedAt.UTC(),
		}
		if row.RecordedEarly.Valid {
			click.RulesAt = row.RecordedEarly.Time.UTC()
		}
		clicks[hit.TransactionID(row.TransactionID)] = click
	}
	return clicks, nil
}
