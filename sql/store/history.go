package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// checkVersion refuses the change of an object whose version is not that of the condition
// of ctx.
func checkVersion(ctx context.Context, before any) error {
	version := reference.ConditionOf(ctx).Version
	if version != "" && reference.VersionOf(before) != version {
		return reference.ErrChanged
	}
	return nil
}

// recorded makes a change of reference data in a transaction that also adds it to the
// history, done by the actor of ctx, and only under the condition of ctx. A change that
// changes nothing is not added. An error of change is returned as it is.
//
// Such transactions run one after the other, so that change may first read what it
// replaces, and check whether an object exists: a unique violation would use up an id of
// the sequence. The first statement of each takes the lock that orders them, so that no
// transaction holds another lock while it waits for that one.
func (s *Store) recorded(ctx context.Context, change func(tx *sqlx.Tx) (history.Change, error)) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing, after a failure the failure counts
	if err := lockReference(ctx, tx); err != nil {
		return err
	}
	condition := reference.ConditionOf(ctx)
	if err := checkCreation(ctx, tx, condition.Creation); err != nil {
		return err
	}
	changed, err := change(tx)
	if err != nil {
		return err
	}
	if changed.Act == history.Edit {
		if err := checkVersion(ctx, changed.Old); err != nil {
			return err
		}
	}
	if err := keepCreation(ctx, tx, condition.Creation, changed); err != nil {
		return err
	}
	if err := record(ctx, tx, changed); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

const (
	// lockWait is how long a change waits for others.
	lockWait = "5s"
	// changeSilence is the time without a statement after which the server ends a change:
	// far longer than the time between two of its statements.
	changeSilence = "10s"
)

// lockReference waits for other changes of reference data, until the transaction ends.
func lockReference(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := execute(ctx, tx, "sessions/bound_lock_waits", args{"longest": lockWait}); err != nil {
		return fmt.Errorf("bound the wait for other commands: %w", err)
	}
	if _, err := execute(ctx, tx, "sessions/lock_reference", args{"silence": changeSilence}); err != nil {
		return fmt.Errorf("wait for other commands that change reference data: %w", err)
	}
	return nil
}

// record adds a change to the history, unless nothing changed. The caller holds the lock
// of lockReference.
func record(ctx context.Context, tx *sqlx.Tx, change history.Change) error {
	before, after, err := change.Values()
	if err != nil {
		return fmt.Errorf("record the change: %w", err)
	}
	if string(before) == string(after) {
		return nil // both are empty
	}
	_, err = execute(ctx, tx, "history/insert", args{
		"actor":      history.Actor(ctx),
		"account_id": change.AccountID,
		"noun":       string(change.Noun),
		"object_id":  change.ObjectID,
		"act":        string(change.Act),
		"old_values": string(before),
		"new_values": string(after),
	})
	if err != nil {
		return fmt.Errorf("record the change: %w", err)
	}
	return nil
}

// recordOnce adds a change to the history, unless it is there. It waits for changes of
// reference data, none of which waits for a dead letter.
func recordOnce(ctx context.Context, tx *sqlx.Tx, change history.Change) error {
	var known bool
	err := selectRow(ctx, tx, &known, "history/has_act", args{"noun": string(change.Noun), "object_id": change.ObjectID})
	if err != nil || known {
		return err
	}
	if err := lockReference(ctx, tx); err != nil {
		return err
	}
	return record(ctx, tx, change)
}

// History returns at most limit changes that the filter selects, the newest first, before
// the one with an id (0: from the newest on).
func (s *Store) History(ctx context.Context, filter history.Filter, before int64, limit int) ([]history.Entry, error) {
	var page []history.Entry
	part, whole := filter.Actor()
	err := selectRows(ctx, s.db, &page, "history/list", args{
		"before_id":     before,
		"account_id":    filter.Account,
		"noun":          string(filter.Noun),
		"object_id":     filter.ObjectID,
		"part_of_actor": part,
		"actor":         whole,
		"since":         orNull(filter.Since),
		"until":         orNull(filter.Until),
		"page":          limit,
	})
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return page, nil
}

// edited reads an object by the statement show, changes it by the statement edit, and
// reads the result into object. Without such an object the error is sql.ErrNoRows.
func edited[T any](ctx context.Context, tx *sqlx.Tx, noun history.Noun, account, id int64, object *T,
	show string, shows args, edit string, edits args,
) (history.Change, error) {
	var before T
	if err := selectRow(ctx, tx, &before, show, shows); err != nil {
		return history.Change{}, err
	}
	err := selectRow(ctx, tx, object, edit, edits)
	return history.Of(noun, account, id, history.Edit, before, *object), err
}
