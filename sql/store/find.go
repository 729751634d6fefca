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

// WaitingFor gives the postbacks that wait for these clicks, as encoded hits by
// the transaction_id of their click.
func (s *Store) WaitingFor(ctx context.Context, ids []hit.TransactionID) (map[hit.TransactionID][][]byte, error) {
	var rows []struct {
		TransactionID uuid.UUID `db:"transaction_id"`
		Request       []byte    `db:"request"`
	}
	if err := s.deciding.SelectContext(ctx, &rows, sqlfiles.Query("find_waiting"), uuidArray(ids)); err != nil {
		return nil, fmt.Errorf("look up postbacks that wait for %d clicks: %w", len(ids), err)
	}
	var requests map[hit.TransactionID][][]byte
	if len(rows) > 0 {
		requests = make(map[hit.TransactionID][][]byte, len(rows))
	}
	for _, row := range rows {
		id := hit.TransactionID(row.TransactionID)
		requests[id] = append(requests[id], row.Request)
	}
	return requests, nil
}

// DueWaiting gives, as encoded hits, at most limit waiting postbacks whose
// click has come after all or whose wait was over at now.
func (s *Store) DueWaiting(ctx context.Context, now time.Time, limit int) ([][]byte, error) {
	var requests [][]byte
	if err := s.deciding.SelectContext(ctx, &requests, sqlfiles.Query("find_due"), now, limit); err != nil {
		return nil, fmt.Errorf("look up waiting postbacks that are due: %w", err)
	}
	return requests, nil
}

// StopWaiting makes a hit wait no longer; its outcome stays until it is decided
// anew.
func (s *Store) StopWaiting(ctx context.Context, h *hit.Hit) error {
	_, err := s.deciding.ExecContext(ctx, sqlfiles.Query("delete_waiting"),
		uuidArray([]hit.TransactionID{h.TransactionID}), uuidArray([]uuid.UUID{h.ID}))
	if err != nil {
		return fmt.Errorf("end the wait of hit %s: %w", h.ID, err)
	}
	return nil
}
