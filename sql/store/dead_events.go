package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// DeadEventKind is what happened to a dead letter.
type DeadEventKind string

// The kinds. Operators replay, discard and undo; workers do the rest.
const (
	DeadDied DeadEventKind = "died"
	// DeadCopyDied is the death of a further copy of a hit whose dead letter is
	// discarded, and stays so.
	DeadCopyDied     DeadEventKind = "copy_died"
	DeadWasReplayed  DeadEventKind = "replayed"
	DeadWasDiscarded DeadEventKind = "discarded"
	// DeadUndone is the end of being discarded.
	DeadUndone DeadEventKind = "undone"
	// DeadWasResolved means that the hit came to another outcome after all.
	DeadWasResolved DeadEventKind = "resolved"
	// DeadMoved means that the hit's account became another.
	DeadMoved DeadEventKind = "moved"
)

// DeadEvent is a row of dead_letter_events, which are only ever added, in the
// transaction that changes the dead letter, and deleted with it.
type DeadEvent struct {
	LetterID uuid.UUID     `db:"letter_id" json:"-"`
	At       time.Time     `db:"at" json:"at"`
	Event    DeadEventKind `db:"event" json:"event"`
	// Act, By and Note are of an operator's command; nil and empty for what a
	// worker did.
	Act  *uuid.UUID `db:"act" json:"act,omitempty"`
	By   string     `db:"actor" json:"by,omitempty"`
	Note string     `db:"note" json:"note,omitempty"`
	// AccountID is the hit's at that time, 0 while it is not known, and
	// FromAccountID the one before, where it moved.
	AccountID     int64  `db:"account_id" json:"account_id"`
	FromAccountID *int64 `db:"from_account_id" json:"from_account_id,omitempty"`
	// Outcome and what follows are set for deaths and for what resolved.
	Outcome attribution.Outcome `db:"outcome" json:"outcome,omitempty"`
	Reason  attribution.Reason  `db:"reason" json:"reason,omitempty"`
	Error   string              `db:"error" json:"error,omitempty"`
	// Attempts is how often handling had failed; 0 where the rules refused.
	Attempts int `db:"attempts" json:"attempts,omitempty"`
}

// StatusAfter is the status that events in order of time lead to. It is open for
// none.
func StatusAfter(events []DeadEvent) DeadStatus {
	status, resolved := DeadOpen, false
	for _, event := range events {
		switch event.Event {
		case DeadDied:
			if status != DeadDiscarded {
				status = DeadOpen
			}
		case DeadCopyDied:
			resolved = false
		case DeadWasReplayed:
			status = DeadReplayed
		case DeadWasDiscarded:
			status, resolved = DeadDiscarded, false
		case DeadWasResolved:
			if resolved = true; status != DeadDiscarded {
				status = DeadResolved
			}
		case DeadUndone:
			if status = DeadOpen; resolved {
				status = DeadResolved
			}
		}
	}
	return status
}

// DeadEvents reads what happened to dead letters, each one's in order of time.
// Of a letter that a program of an earlier version changed during an upgrade,
// events may be missing.
func (s *Store) DeadEvents(ctx context.Context, letters ...uuid.UUID) (map[uuid.UUID][]DeadEvent, error) {
	var rows []DeadEvent
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("dead_letter_events"), uuidArray(letters)); err != nil {
		return nil, fmt.Errorf("read what happened to dead letters: %w", err)
	}
	events := make(map[uuid.UUID][]DeadEvent, len(letters))
	for _, row := range rows {
		events[row.LetterID] = append(events[row.LetterID], row)
	}
	return events, nil
}

// DeadAct is what an operator does to dead letters by one command.
type DeadAct struct {
	// ID is the command's: undoing goes by it.
	ID    uuid.UUID
	Event DeadEventKind
	By    string
	Note  string
}

// SettleDeadLetters adds an act to dead letters and returns the status of those
// that changed by it. One that changed since it was read, above all one that died
// again, keeps the status it has: otherwise a replay would hide its own failure.
// That it was replayed is told all the same.
func (s *Store) SettleDeadLetters(ctx context.Context, read []DeadLetter, act DeadAct) (_ map[uuid.UUID]DeadStatus, err error) {
	failed := func(err error) (map[uuid.UUID]DeadStatus, error) {
		return nil, fmt.Errorf("mark dead letters %s: %w", act.Event, err)
	}
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return failed(err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	rows := columns[DeadLetter](read)
	ids := rows.uuids(func(l DeadLetter) uuid.UUID { return l.ID })
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '5s'"); err != nil {
		return failed(err)
	}
	if _, err := tx.ExecContext(ctx, sqlfiles.Query("lock_dead_letters"), ids); err != nil {
		return failed(err)
	}
	var changed []struct {
		ID     uuid.UUID  `db:"id"`
		Status DeadStatus `db:"status"`
	}
	err = tx.SelectContext(ctx, &changed, sqlfiles.Query("settle_dead_letters"), act.Event, act.ID, act.By, act.Note,
		ids,
		rows.times(func(l DeadLetter) time.Time { return l.DiedAt }),
		rows.bigints(func(l DeadLetter) int64 { return int64(l.Deaths) }),
		rows.texts(func(l DeadLetter) string { return string(l.Status) }),
		rows.bigints(func(l DeadLetter) int64 { return l.LastEvent }))
	if err != nil {
		return failed(err)
	}
	if err := tx.Commit(); err != nil {
		return failed(err)
	}
	settled := make(map[uuid.UUID]DeadStatus, len(changed))
	for _, row := range changed {
		settled[row.ID] = row.Status
	}
	return settled, nil
}

// ReplayEnd is what became of a replayed hit first.
type ReplayEnd struct {
	ID      uuid.UUID           `db:"id"`
	Event   DeadEventKind       `db:"event"`
	Outcome attribution.Outcome `db:"outcome"`
	Reason  attribution.Reason  `db:"reason"`
}

// ReplayEnds reads what became of the hits of dead letters that were replayed
// after they had been read. Those of which nothing was heard yet are left out.
func (s *Store) ReplayEnds(ctx context.Context, replayed []DeadLetter) ([]ReplayEnd, error) {
	rows := columns[DeadLetter](replayed)
	var ends []ReplayEnd
	err := s.db.SelectContext(ctx, &ends, sqlfiles.Query("replay_ends"),
		rows.uuids(func(l DeadLetter) uuid.UUID { return l.ID }), rows.bigints(func(l DeadLetter) int64 { return l.LastEvent }))
	if err != nil {
		return nil, fmt.Errorf("read what became of replayed hits: %w", err)
	}
	return ends, nil
}

// LastDiscard returns the newest act of discarding of which a letter still is
// discarded, or uuid.Nil.
func (s *Store) LastDiscard(ctx context.Context) (uuid.UUID, error) {
	var acts []uuid.UUID
	if err := s.db.SelectContext(ctx, &acts, sqlfiles.Query("last_discard")); err != nil {
		return uuid.Nil, fmt.Errorf("look for what was discarded last: %w", err)
	}
	if len(acts) == 0 {
		return uuid.Nil, nil
	}
	return acts[0], nil
}
