package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store/pg"
)

// waitRow is a row of a Wait.
type waitRow struct {
	TransactionID uuid.UUID `db:"transaction_id"`
	HitID         uuid.UUID `db:"hit_id"`
	Until         time.Time `db:"waits_until"`
	Kind          hit.Kind  `db:"kind"`
	Request       []byte    `db:"request"`
}

// waitsOf returns the rows as waits; nil for none.
func waitsOf(rows []waitRow) []attribution.Wait {
	if len(rows) == 0 {
		return nil
	}
	waits := make([]attribution.Wait, len(rows))
	for i, row := range rows {
		waits[i] = attribution.Wait(row)
	}
	return waits
}

// waitingPage is how many postbacks WaitingFor returns at most, because any number may
// wait for one click. It is about twice the number of clicks in a full batch.
const waitingPage = 1000

// WaitingFor returns postbacks that wait for these clicks, and those whose wait
// for them has ended, by the transaction_id of their click: one page of those
// behind the hit after. If there may be more, end is the last of the page, in the order
// of transaction_ids and then of hits.
func (s *Store) WaitingFor(ctx context.Context, ids []token.TransactionID, after uuid.UUID,
) (waits map[token.TransactionID][]attribution.Wait, end *attribution.Wait, err error) {
	var rows []waitRow
	if err := selectRows(ctx, s.deciding, &rows, "waiting/find", args{"transaction_ids": pg.IDs(ids), "after_hit_id": after, "page": waitingPage}); err != nil {
		return nil, nil, fmt.Errorf("look up postbacks that wait for clicks (%d): %w", len(ids), err)
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	if len(rows) == waitingPage {
		end = new(attribution.Wait(rows[waitingPage-1]))
	}
	full, err := s.requests(ctx, s.deciding, waitsOf(rows))
	if err != nil {
		return nil, nil, err
	}
	waits = make(map[token.TransactionID][]attribution.Wait, len(full))
	for _, wait := range full {
		id := token.TransactionID(wait.TransactionID)
		waits[id] = append(waits[id], wait)
	}
	return waits, end, nil
}

// StopWaiting ends the wait of a hit, unless the hit has begun another wait
// since the wait was read. Its outcome stays until it is decided again.
func (s *Store) StopWaiting(ctx context.Context, w attribution.Wait) error {
	if _, err := execute(ctx, s.deciding, "waiting/stop", args{"transaction_id": w.TransactionID, "hit_id": w.HitID, "end": w.Until}); err != nil {
		return fmt.Errorf("end the wait of hit %s: %w", w.HitID, err)
	}
	return nil
}

// DeadLetterWait makes a waiting hit that cannot be decoded a dead letter, and ends its
// wait. reason must not contain a part of the stored request.
func (s *Store) DeadLetterWait(ctx context.Context, w attribution.Wait, reason string) error {
	_, err := execute(ctx, s.db, "dead_letters/from_wait", args{"hit_id": w.HitID, "transaction_id": w.TransactionID, "error": reason})
	if err != nil {
		return fmt.Errorf("make a dead letter of stored hit %s, which cannot be decoded: %w", w.HitID, err)
	}
	return nil
}

// ReportWorker records that a worker reaches the database. Two reports that are
// more than gap apart do not count as continuous.
func (s *Store) ReportWorker(ctx context.Context, worker uuid.UUID, gap time.Duration) error {
	if _, err := execute(ctx, s.db, "workers/report", args{"id": worker, "gap_ms": gap.Milliseconds()}); err != nil {
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
	if err := selectRow(ctx, s.db, &span, "ended_waits/span", nil); err != nil {
		return 0, fmt.Errorf("count unmatched postbacks whose click is recorded: %w", err)
	}
	var count int64
	err := selectRow(ctx, s.db, &count, "ended_waits/with_click", args{
		"first_click": span.FirstClick,
		"last_click":  span.LastClick,
		"first_hit":   span.FirstHit,
		"last_hit":    span.LastHit,
	})
	if err != nil {
		return 0, fmt.Errorf("count unmatched postbacks whose click is recorded: %w", err)
	}
	return count, nil
}
