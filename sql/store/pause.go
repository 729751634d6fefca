package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/reference"
)

// PausedQueues lists the queues that no worker takes from, by topic.
func (s *Store) PausedQueues(ctx context.Context) ([]queues.Pause, error) {
	return readPauses(ctx, s.db)
}

func readPauses(ctx context.Context, db sqlx.QueryerContext) ([]queues.Pause, error) {
	var pauses []queues.Pause
	err := selectRows(ctx, db, &pauses, "pauses/list", nil)
	return pauses, wrapped(err, "read which queues are paused")
}

// pauseOf reads the pause of a topic; nil when it is not paused.
func pauseOf(ctx context.Context, tx *sqlx.Tx, topic string) (*queues.Pause, error) {
	all, err := readPauses(ctx, tx)
	if at := slices.IndexFunc(all, func(one queues.Pause) bool { return one.Topic == topic }); at >= 0 {
		return &all[at], err
	}
	return nil, err
}

// PauseQueue adds a pause by the actor of ctx. The error for a queue that is paused matches
// reference.ErrConflict.
func (s *Store) PauseQueue(ctx context.Context, topic, reason string) (made queues.Pause, err error) {
	err = s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := pauseOf(ctx, tx, topic)
		if err != nil {
			return history.Change{}, err
		}
		if before != nil {
			return history.Change{}, reference.Refuse(reference.ErrConflict, "the queue %s is paused already, by %s since %s", topic, before.By, operate.Clock(before.Since))
		}
		err = selectRow(ctx, tx, &made, "pauses/create", args{"topic": topic, "actor": history.Actor(ctx), "reason": reason})
		if err != nil {
			return history.Change{}, fmt.Errorf("pause the queue %s: %w", topic, err)
		}
		return made.Recorded(history.Pause, reason), nil
	})
	return made, err
}

// ResumeQueue ends a pause, and returns it. The error for a queue that is not paused
// matches reference.ErrConflict.
func (s *Store) ResumeQueue(ctx context.Context, topic, reason string) (ended queues.Pause, err error) {
	err = s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := pauseOf(ctx, tx, topic)
		if err != nil {
			return history.Change{}, err
		}
		if before == nil {
			return history.Change{}, reference.Refuse(reference.ErrConflict, "the queue %s is not paused", topic)
		}
		if _, err := execute(ctx, tx, "pauses/delete", args{"topic": topic}); err != nil {
			return history.Change{}, fmt.Errorf("resume the queue %s: %w", topic, err)
		}
		ended = *before
		return ended.Recorded(history.Resume, reason), nil
	})
	return ended, err
}
