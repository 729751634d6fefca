package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
)

// Clicks returns the recorded clicks of these transaction_ids, of all
// accounts, by transaction_id. Ids without a click are not in the result.
func (s *Store) Clicks(ctx context.Context, ids []token.TransactionID) (map[token.TransactionID]attribution.Click, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	type row struct {
		TransactionID uuid.UUID `db:"transaction_id"`
		AccountID     int64     `db:"account_id"`
		OfferID       int64     `db:"offer_id"`
		PublisherID   int64     `db:"publisher_id"`
		ClickedAt     time.Time `db:"clicked_at"`
		// RecordedEarly is when the database recorded the click, if that is before ClickedAt.
		RecordedEarly sql.NullTime `db:"recorded_early"`
		DeviceID      string       `db:"device_id"`
		ClientIP      string       `db:"client_ip"`
		UserAgent     string       `db:"user_agent"`
		Test          bool         `db:"test"`
	}
	var rows []row
	if err := selectByEra(ctx, s.deciding, &rows, "clicks/find", uuids(ids)); err != nil {
		return nil, fmt.Errorf("look up clicks (%d): %w", len(ids), err)
	}
	clicks := make(map[token.TransactionID]attribution.Click, len(rows))
	for _, row := range rows {
		click := attribution.Click{
			TransactionID: row.TransactionID, AccountID: row.AccountID, OfferID: row.OfferID,
			PublisherID: row.PublisherID, ClickedAt: row.ClickedAt, RulesAt: row.ClickedAt.UTC(),
			DeviceID: row.DeviceID, ClientIP: row.ClientIP, UserAgent: row.UserAgent, Test: row.Test,
		}
		if row.RecordedEarly.Valid {
			click.RulesAt = row.RecordedEarly.Time.UTC()
		}
		clicks[token.TransactionID(row.TransactionID)] = click
	}
	return clicks, nil
}
