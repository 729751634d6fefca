package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/sql/store/pg"
)

// Sweep is a lock for sweeping the waiting postbacks. One process has it
// at a time, until End, or until its session is silent for longer than
// sweepSilence.
type Sweep struct{ tx *sqlx.Tx }

// sweepSilence is the time without a statement after which the server ends a sweep,
// because its process has died or hangs, so that another process can take over. It is
// far longer than one page takes, and far shorter than the two hours after which the
// kernel notices that a machine is gone.
const sweepSilence = 2 * time.Minute

// BeginSweep begins a sweep. It returns nil while another process sweeps.
func (s *Store) BeginSweep(ctx context.Context) (*Sweep, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin a sweep: %w", err)
	}
	var mine bool
	silence := strconv.FormatInt(sweepSilence.Milliseconds(), 10)
	if err = selectRow(ctx, tx, &mine, "sweeps/begin", args{"silence": silence}); err != nil {
		return nil, errors.Join(fmt.Errorf("begin a sweep: %w", err), tx.Rollback())
	}
	if !mine {
		return nil, tx.Rollback()
	}
	return &Sweep{tx: tx}, nil
}

// End releases the lock. It always returns nil.
func (w *Sweep) End() error {
	_ = w.tx.Rollback() // the transaction has written nothing, and an ended session holds no lock
	return nil
}

// State returns which workers have reported within gap, and without a gap for at
// least steady.
func (w *Sweep) State(ctx context.Context, gap, steady time.Duration) (attribution.SweepState, error) {
	var row struct {
		Now           time.Time  `db:"now"`
		FirstEnd      *time.Time `db:"first_end"`
		SteadyWorkers int        `db:"steady_workers"`
	}
	err := selectRow(ctx, w.tx, &row, "sweeps/state", args{"gap_ms": gap.Milliseconds(), "steady_ms": steady.Milliseconds()})
	if err != nil {
		return attribution.SweepState{}, fmt.Errorf("read the state of the workers: %w", err)
	}
	return attribution.SweepState(row), nil
}

// Due returns one page of the postbacks whose wait had ended at that time, the
// longest overdue first, without their requests. after is the last of the previous
// page; the zero Wait means the first page.
func (w *Sweep) Due(ctx context.Context, at time.Time, after attribution.Wait, limit int) ([]attribution.Wait, error) {
	var page []waitRow
	err := selectRows(ctx, w.tx, &page, "waiting/due", args{
		"at":                   at,
		"after_end":            after.Until,
		"after_transaction_id": after.TransactionID,
		"after_hit_id":         after.HitID,
		"page":                 limit,
	})
	if err != nil {
		return nil, fmt.Errorf("look up postbacks whose wait is over: %w", err)
	}
	return waitsOf(page), nil
}

// Waiting returns one page of all waiting postbacks, in the order of their
// transaction_ids, without their requests. after is as in Due.
func (w *Sweep) Waiting(ctx context.Context, after attribution.Wait, limit int) ([]attribution.Wait, error) {
	var page []waitRow
	err := selectRows(ctx, w.tx, &page, "waiting/page", args{"after_transaction_id": after.TransactionID, "after_hit_id": after.HitID, "page": limit})
	if err != nil {
		return nil, fmt.Errorf("read a page of waiting postbacks: %w", err)
	}
	return waitsOf(page), nil
}

// Requests returns the waits with their requests. It leaves out a wait whose hit is
// missing, or has another outcome meanwhile.
func (s *Store) Requests(ctx context.Context, waits []attribution.Wait) ([]attribution.Wait, error) {
	return s.requests(ctx, s.db, waits)
}

func (s *Store) requests(ctx context.Context, db sqlx.QueryerContext, waits []attribution.Wait) ([]attribution.Wait, error) {
	ids := make([]uuid.UUID, len(waits))
	byID := make(map[uuid.UUID]attribution.Wait, len(waits))
	for i, wait := range waits {
		ids[i], byID[wait.HitID] = wait.HitID, wait
	}
	var rows []waitRow
	if err := selectByEra(ctx, db, &rows, "hits/requests", ids); err != nil {
		return nil, fmt.Errorf("read waiting hits (%d): %w", len(waits), err)
	}
	full := make([]attribution.Wait, len(rows))
	for i, row := range rows {
		full[i] = byID[row.HitID]
		full[i].Kind, full[i].Request = row.Kind, row.Request
	}
	return full, nil
}

// DropStaleWaits removes the waiting rows of hits that do not wait, and returns those
// hits. It does not remove a row that has changed since it was read.
func (s *Store) DropStaleWaits(ctx context.Context, waits []attribution.Wait) ([]uuid.UUID, error) {
	var dropped []uuid.UUID
	err := selectRows(ctx, s.db, &dropped, "waiting/delete_stale", args{
		"transaction_ids": pg.UUIDs(func(w attribution.Wait) uuid.UUID { return w.TransactionID })(waits),
		"hit_ids":         pg.UUIDs(func(w attribution.Wait) uuid.UUID { return w.HitID })(waits),
		"ends":            pg.Times(func(w attribution.Wait) time.Time { return w.Until })(waits),
	})
	if err != nil {
		return nil, fmt.Errorf("remove the waiting rows of hits that do not wait: %w", err)
	}
	return dropped, nil
}

// DropEndedWaits drops the ended waits that ended more than age ago. A click that is
// written later no longer finds these postbacks.
func (s *Store) DropEndedWaits(ctx context.Context, age time.Duration) error {
	if _, err := execute(ctx, s.db, "ended_waits/drop", args{"age_ms": age.Milliseconds()}); err != nil {
		return fmt.Errorf("drop waits that ended long ago: %w", err)
	}
	return nil
}
