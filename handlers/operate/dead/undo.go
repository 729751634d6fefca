package dead

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/failure"
)

// Undo returns discarded letters to their earlier status.
type Undo struct{ *Work }

// LastDiscard returns the newest discard that can be undone. Its error for none has a
// hint.
func (l Letters) LastDiscard(ctx context.Context) (uuid.UUID, error) {
	act, err := l.Store.LastDiscard(ctx)
	if err == nil && act == uuid.Nil {
		err = failure.WithHint(errors.New("no dead discard can be undone: no letter that one gave up is discarded still"),
			"what was discarded by earlier versions is named by receipt: `integr8 dead list --status discarded`")
	}
	return act, err
}

// Undo prepares to open discarded letters again; the state of the filter is ignored. A
// letter whose hit has come to a good end since becomes resolved. A replay cannot be
// undone: its hits were published.
func (l Letters) Undo(ctx context.Context, filter Filter, by Operator) (*Undo, error) {
	filter.State = StateDiscarded
	w, err := l.prepare(ctx, filter, by.act(WasUndone), func(receipt uuid.UUID) string {
		return "retention deletes what was discarded long ago, and that cannot be undone: `integr8 retention show`; " + traceInstead(receipt)
	})
	if err != nil {
		return nil, err
	}
	u := &Undo{w}
	return u, u.countOthers(ctx)
}

// countOthers counts the named letters that are not discarded.
func (u *Undo) countOthers(ctx context.Context) error {
	if !u.Named {
		return nil
	}
	states, err := u.letters.Store.CountDeadStates(ctx, Filter{IDs: u.filter.IDs, AccountID: u.filter.AccountID})
	for _, state := range states {
		if state.State != StateDiscarded {
			u.Result.NotUndone = append(u.Result.NotUndone, state)
		}
	}
	return err
}

// Run opens the letters again. When ctx ends, it returns an error that says how far it
// came.
func (u *Undo) Run(ctx context.Context, progress Progress) error {
	return u.end(u.carry(ctx, progress))
}

func (u *Undo) carry(ctx context.Context, progress Progress) error {
	return u.sweep(ctx, progress, u.page)
}

// page opens a page of letters again. It counts those that are resolved, and those that
// retention will delete soon.
func (u *Undo) page(ctx context.Context, page []Letter) error {
	retention, err := u.letters.Store.DeadRetention(ctx)
	if err != nil {
		return err
	}
	now, err := u.letters.Store.Now(ctx)
	if err != nil {
		return err
	}
	return u.settle(ctx, page, func(undone map[uuid.UUID]Status) { u.count(page, undone, retention, now) })
}

func (u *Undo) count(page []Letter, undone map[uuid.UUID]Status, retention Retention, now time.Time) {
	u.done += int64(len(undone))
	for _, letter := range page {
		status, changed := undone[letter.ID]
		letter.Status, letter.StatusAt = status, now
		switch until := retention.KeptUntil(&letter); {
		case !changed:
		case status == Resolved:
			u.Result.NotUndone = addState(u.Result.NotUndone, StateResolved)
		case !until.IsZero() && until.Before(now):
			u.Result.Expiring++
		}
	}
}

// addState counts one more letter in a state.
func addState(counts []StateCount, state State) []StateCount {
	for i := range counts {
		if counts[i].State == state {
			counts[i].Letters++
			return counts
		}
	}
	return append(counts, StateCount{State: state, Letters: 1})
}
