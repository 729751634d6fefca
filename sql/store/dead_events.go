package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/sql/store/pg"
)

// DeadEvents returns the events of dead letters, by letter and in order of time. When a
// program of an earlier version changed a letter during an upgrade, some of its events
// may be missing.
func (s *Store) DeadEvents(ctx context.Context, letters ...uuid.UUID) (map[uuid.UUID][]dead.Event, error) {
	var rows []dead.Event
	if err := selectRows(ctx, s.db, &rows, "dead_letters/events", args{"ids": pg.IDs(letters)}); err != nil {
		return nil, fmt.Errorf("read the events of dead letters: %w", err)
	}
	events := make(map[uuid.UUID][]dead.Event, len(letters))
	for _, row := range rows {
		events[row.LetterID] = append(events[row.LetterID], row)
	}
	return events, nil
}

// SettleDeadLetters adds an act to dead letters and returns the new status of those
// that it changed. A letter that has changed since it was read, above all one that became
// a dead letter again, keeps its status: otherwise a replay would hide its own failure.
// The event of a replay is added to it all the same.
//
// The first letters that a command settles also add the command to the history.
func (s *Store) SettleDeadLetters(ctx context.Context, read []dead.Letter, act dead.Act) (changed map[uuid.UUID]dead.Status, err error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("mark dead letters %s: %w", act.Event, err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	if changed, err = settle(ctx, tx, read, act); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("mark dead letters %s: %w", act.Event, err)
	}
	return changed, nil
}

// settle is SettleDeadLetters in a transaction.
func settle(ctx context.Context, tx *sqlx.Tx, read []dead.Letter, act dead.Act) (map[uuid.UUID]dead.Status, error) {
	failed := func(err error) (map[uuid.UUID]dead.Status, error) {
		return nil, fmt.Errorf("mark dead letters %s: %w", act.Event, err)
	}
	ids := pg.UUIDs(func(l dead.Letter) uuid.UUID { return l.ID })(read)
	if _, err := execute(ctx, tx, "sessions/bound_lock_waits", args{"longest": "5s"}); err != nil {
		return failed(err)
	}
	if _, err := execute(ctx, tx, "dead_letters/lock", args{"ids": ids}); err != nil {
		return failed(err)
	}
	changed, err := addAct(ctx, tx, read, act)
	if err != nil {
		return failed(err)
	}
	if len(changed) > 0 || act.Event == dead.WasReplayed {
		if err := recordOnce(history.By(ctx, act.By), tx, act.Recorded()); err != nil {
			return failed(err)
		}
	}
	settled := make(map[uuid.UUID]dead.Status, len(changed))
	for _, row := range changed {
		settled[row.ID] = row.Status
	}
	return settled, nil
}

// settledRow is a letter with its status after an act.
type settledRow struct {
	ID     uuid.UUID   `db:"id"`
	Status dead.Status `db:"status"`
}

// addAct adds the events of an act, and returns the letters that it changed.
func addAct(ctx context.Context, tx *sqlx.Tx, read []dead.Letter, act dead.Act) (changed []settledRow, err error) {
	ids := pg.UUIDs(func(l dead.Letter) uuid.UUID { return l.ID })(read)
	if act.Event == dead.WasNoted {
		err = selectRows(ctx, tx, &changed, "dead_letters/note", args{"event": act.Event, "act": act.ID, "actor": act.By, "note": act.Note, "ids": ids})
		return changed, err
	}
	err = selectRows(ctx, tx, &changed, "dead_letters/settle", args{
		"event":       act.Event,
		"act":         act.ID,
		"actor":       act.By,
		"note":        act.Note,
		"ids":         ids,
		"died_at":     pg.Times(func(l dead.Letter) time.Time { return l.DiedAt })(read),
		"deaths":      pg.Bigints(func(l dead.Letter) int64 { return int64(l.Deaths) })(read),
		"statuses":    pg.Texts(func(l dead.Letter) string { return string(l.Status) })(read),
		"last_events": pg.Bigints(func(l dead.Letter) int64 { return l.LastEvent })(read),
	})
	return changed, err
}

// ReplayEnds returns the outcomes of hits whose dead letters were replayed
// after they had been read. It leaves out hits without a new outcome.
func (s *Store) ReplayEnds(ctx context.Context, replayed []dead.Letter) ([]dead.ReplayEnd, error) {
	var ends []dead.ReplayEnd
	err := selectRows(ctx, s.db, &ends, "dead_letters/replay_ends", args{
		"ids":         pg.UUIDs(func(l dead.Letter) uuid.UUID { return l.ID })(replayed),
		"last_events": pg.Bigints(func(l dead.Letter) int64 { return l.LastEvent })(replayed),
	})
	if err != nil {
		return nil, fmt.Errorf("read the outcomes of replayed hits: %w", err)
	}
	return ends, nil
}

// LastDiscard returns the newest act of discarding with at least one letter that is still
// discarded, or uuid.Nil.
func (s *Store) LastDiscard(ctx context.Context) (uuid.UUID, error) {
	var acts []uuid.UUID
	if err := selectRows(ctx, s.db, &acts, "dead_letters/last_discard", nil); err != nil {
		return uuid.Nil, fmt.Errorf("look for the last discard: %w", err)
	}
	if len(acts) == 0 {
		return uuid.Nil, nil
	}
	return acts[0], nil
}
