package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// Wait is a postback that waits for its click, or whose wait for it has ended.
type Wait struct {
	TransactionID uuid.UUID `db:"transaction_id"`
	HitID         uuid.UUID `db:"hit_id"`
	// Until is when the wait ends, or has ended.
	Until time.Time `db:"waits_until"`
	Stored
}

// Stored is a hit as it was received, read again.
type Stored struct {
	Kind hit.Kind `db:"kind"`
	// Request is the encoded hit.
	Request []byte `db:"request"`
}

// waitingPage is how many postbacks WaitingFor returns at most: any number may
// wait for one click. It is about twice as many as a full batch has clicks.
const waitingPage = 1000

// WaitingFor returns postbacks that wait for these clicks, and such whose wait
// for them has ended, by the transaction_id of their click: one page of those
// after a hit. If there may be more it returns where the page ends, in the order
// of transaction_ids and then of hits.
func (s *Store) WaitingFor(ctx context.Context, ids []hit.TransactionID, after uuid.UUID,
) (waits map[hit.TransactionID][]Wait, end *Wait, err error) {
	var rows []Wait
	if err := s.deciding.SelectContext(ctx, &rows, sqlfiles.Query("find_waiting"), uuidArray(ids), after, waitingPage); err != nil {
		return nil, nil, fmt.Errorf("look up postbacks that wait for %d clicks: %w", len(ids), err)
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	if len(rows) == waitingPage {
		end = new(rows[waitingPage-1])
	}
	if rows, err = s.requests(ctx, s.deciding, rows); err != nil {
		return nil, nil, err
	}
	waits = make(map[hit.TransactionID][]Wait, len(rows))
	for _, row := range rows {
		id := hit.TransactionID(row.TransactionID)
		waits[id] = append(waits[id], row)
	}
	return waits, end, nil
}

// StopWaiting makes a hit wait no longer, unless it has begun to wait anew
// since the wait was read; its outcome stays until it is decided anew.
func (s *Store) StopWaiting(ctx context.Context, w Wait) error {
	if _, err := s.deciding.ExecContext(ctx, sqlfiles.Query("stop_waiting"), w.TransactionID, w.HitID, w.Until); err != nil {
		return fmt.Errorf("end the wait of hit %s: %w", w.HitID, err)
	}
	return nil
}

// BuryUndecodable makes a dead letter of a stored hit that cannot be read
// again, and ends its wait. reason must not repeat what is stored.
func (s *Store) BuryUndecodable(ctx context.Context, w Wait, reason string) error {
	_, err := s.db.ExecContext(ctx, sqlfiles.Query("bury_undecodable"), w.HitID, w.TransactionID, reason)
	if err != nil {
		return fmt.Errorf("make a dead letter of stored hit %s, which cannot be read: %w", w.HitID, err)
	}
	return nil
}

// ReportWorker notes that a worker reaches the database. Reports that are
// further apart than gap do not count as one row of reports.
func (s *Store) ReportWorker(ctx context.Context, worker uuid.UUID, gap time.Duration) error {
	if _, err := s.db.ExecContext(ctx, sqlfiles.Query("report_worker"), worker, gap.Milliseconds()); err != nil {
		return fmt.Errorf("report that this worker reaches the database: %w", err)
	}
	return nil
}

// UnmatchedWithClick counts the postbacks that are unmatched although their
// click is recorded.
func (s *Store) UnmatchedWithClick(ctx context.Context) (int64, error) {
	var span struct {
		FirstClick uuid.UUID `db:"first_click"`
		LastClick  uuid.UUID `db:"last_click"`
		FirstHit   uuid.UUID `db:"first_hit"`
		LastHit    uuid.UUID `db:"last_hit"`
	}
	if err := s.db.GetContext(ctx, &span, sqlfiles.Query("ended_waits_span")); err != nil {
		return 0, fmt.Errorf("count unmatched postbacks whose click is recorded: %w", err)
	}
	var count int64
	err := s.db.GetContext(ctx, &count, sqlfiles.Query("unmatched_with_click"), span.FirstClick, span.LastClick, span.FirstHit, span.LastHit)
	if err != nil {
		return 0, fmt.Errorf("count unmatched postbacks whose click is recorded: %w", err)
	}
	return count, nil
}
