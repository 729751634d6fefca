package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	sqlfiles "integr8/sql"
)

// Sweep is the right to look through the waiting postbacks. One process has it
// at a time, until End, or until its session is silent for longer than
// sweepSilence.
type Sweep struct{ tx *sqlx.Tx }

// sweepSilence ends a sweep whose process has died or hangs, so that another
// process can take over. It is far above what one page takes, and far below the
// two hours after which the kernel notices that a machine is gone.
const sweepSilence = 2 * time.Minute

// BeginSweep begins a sweep. It returns nil while another process has one.
func (s *Store) BeginSweep(ctx context.Context) (*Sweep, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin a sweep: %w", err)
	}
	var mine bool
	silence := strconv.FormatInt(sweepSilence.Milliseconds(), 10)
	if err = tx.GetContext(ctx, &mine, sqlfiles.Query("begin_sweep"), silence); err != nil {
		return nil, errors.Join(fmt.Errorf("begin a sweep: %w", err), tx.Rollback())
	}
	if !mine {
		return nil, tx.Rollback()
	}
	return &Sweep{tx: tx}, nil
}

// End gives the right back. It returns nil when the session ended before.
func (w *Sweep) End() error {
	_ = w.tx.Rollback() // it has written nothing, and a session that is gone holds no lock
	return nil
}

// SweepState is what a sweep must know before it ends waits.
type SweepState struct {
	// Now is the database's clock.
	Now time.Time `db:"now"`
	// FirstEnd is when the first wait ends; nil when nobody waits.
	FirstEnd *time.Time `db:"first_end"`
	// SteadyWorkers counts the workers that reach the database, and have done
	// so for a while.
	SteadyWorkers int `db:"steady_workers"`
}

// State returns which workers have reported within gap, and without one for at
// least steady.
func (w *Sweep) State(ctx context.Context, gap, steady time.Duration) (SweepState, error) {
	var state SweepState
	err := w.tx.GetContext(ctx, &state, sqlfiles.Query("sweep_state"), gap.Milliseconds(), steady.Milliseconds())
	if err != nil {
		return SweepState{}, fmt.Errorf("look how far the workers are: %w", err)
	}
	return state, nil
}

// Due returns one page of the postbacks whose wait had ended at that time, the
// longest overdue first, without what was received. after is the last of the
// page before; the zero Wait asks for the first page.
func (w *Sweep) Due(ctx context.Context, at time.Time, after Wait, limit int) ([]Wait, error) {
	var page []Wait
	err := w.tx.SelectContext(ctx, &page, sqlfiles.Query("find_due"), at, after.Until, after.TransactionID, after.HitID, limit)
	if err != nil {
		return nil, fmt.Errorf("look up postbacks whose wait is over: %w", err)
	}
	return page, nil
}

// Waiting returns one page of all postbacks that wait, in the order of their
// transaction_ids, without what was received. after is as in Due.
func (w *Sweep) Waiting(ctx context.Context, after Wait, limit int) ([]Wait, error) {
	var page []Wait
	err := w.tx.SelectContext(ctx, &page, sqlfiles.Query("find_waiting_page"), after.TransactionID, after.HitID, limit)
	if err != nil {
		return nil, fmt.Errorf("look through the waiting postbacks: %w", err)
	}
	return page, nil
}

// Requests adds what was received to waits. One whose hit is gone, or has been
// decided otherwise meanwhile, is left out.
func (s *Store) Requests(ctx context.Context, waits []Wait) ([]Wait, error) {
	return s.requests(ctx, s.db, waits)
}

func (s *Store) requests(ctx context.Context, db sqlx.QueryerContext, waits []Wait) ([]Wait, error) {
	ids := make([]uuid.UUID, len(waits))
	byID := make(map[uuid.UUID]Wait, len(waits))
	for i, wait := range waits {
		ids[i], byID[wait.HitID] = wait.HitID, wait
	}
	type row struct {
		HitID uuid.UUID `db:"hit_id"`
		Stored
	}
	var rows []row
	if err := selectByEra(ctx, db, &rows, "find_requests", ids); err != nil {
		return nil, fmt.Errorf("read %d waiting hits: %w", len(waits), err)
	}
	full := make([]Wait, len(rows))
	for i, row := range rows {
		full[i] = byID[row.HitID]
		full[i].Stored = row.Stored
	}
	return full, nil
}

// DropStaleWaits removes the places of hits that do not wait, and returns those
// hits. It leaves alone what has changed since it was read.
func (s *Store) DropStaleWaits(ctx context.Context, waits []Wait) ([]uuid.UUID, error) {
	rows := columns[Wait](waits)
	var dropped []uuid.UUID
	err := s.db.SelectContext(ctx, &dropped, sqlfiles.Query("delete_stale_waits"),
		rows.uuids(func(w Wait) uuid.UUID { return w.TransactionID }),
		rows.uuids(func(w Wait) uuid.UUID { return w.HitID }),
		rows.times(func(w Wait) time.Time { return w.Until }))
	if err != nil {
		return nil, fmt.Errorf("remove the places of hits that do not wait: %w", err)
	}
	return dropped, nil
}

// ForgetEndedWaits forgets postbacks whose wait ended longer ago than that: a
// click that comes later still wakes them no more.
func (s *Store) ForgetEndedWaits(ctx context.Context, age time.Duration) error {
	if _, err := s.db.ExecContext(ctx, sqlfiles.Query("forget_ended_waits"), age.Milliseconds()); err != nil {
		return fmt.Errorf("forget waits that ended long ago: %w", err)
	}
	return nil
}
