package main

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"integr8/sql/store"
)

type deadUndoCommand struct {
	output
	deadChoice
	Last bool   `help:"Bring back what was discarded last."`
	Act  *id    `placeholder:"ID" help:"Bring back what one dead discard gave up, which printed this id."`
	All  bool   `help:"Bring back every discarded dead letter."`
	Note string `placeholder:"TEXT" help:"Why: kept with what happened to each."`
}

// Validate refuses a choice that was probably not meant.
func (c *deadUndoCommand) Validate() error {
	ways := 0
	for _, given := range []bool{len(c.IDs) > 0, c.chosen(), c.Last, c.Act != nil, c.All} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("name what to bring back in one way: receipts, a filter such as --reason, --last, --act or --all")
	}
	return nil
}

// Run opens discarded dead letters again. One whose hit has come to a good end
// since is resolved. A replay cannot be undone: its hits were published.
func (c *deadUndoCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	act := uuid.Nil
	switch {
	case c.Act != nil:
		act = c.Act.UUID
	case c.Last:
		if act, err = db.LastDiscard(ctx); err != nil {
			return err
		}
		if act == uuid.Nil {
			return withHint(errors.New("no dead discard can be undone: no letter that one gave up is discarded still"),
				"integr8 dead list --status discarded shows what was discarded by earlier versions; name it by receipt")
		}
	}
	w, err := c.prepare(ctx, app, deadAction{
		verb: "brought back", act: app.act(store.DeadUndone, c.Note),
		filtered: store.StateDiscarded, named: store.StateDiscarded, byAct: act,
		unknown: func(one id) string {
			return "retention deletes what was discarded long ago, and that cannot be undone: integr8 retention show; " + traceInstead(one)
		},
	})
	if err != nil {
		return err
	}
	if err := w.countOthers(ctx); err != nil {
		return err
	}
	if c.DryRun || w.result.Chosen == 0 {
		return w.end(c.output, nil)
	}
	return w.end(c.output, w.sweep(ctx, w.undo))
}

// countOthers counts the letters named that are not discarded.
func (w *deadWork) countOthers(ctx context.Context) error {
	if len(w.choice.IDs) == 0 {
		return nil
	}
	states, err := w.db.CountDeadStates(ctx, store.DeadFilter{IDs: w.filter.IDs})
	for _, state := range states {
		if state.State != store.StateDiscarded {
			w.result.NotUndone = append(w.result.NotUndone, state)
		}
	}
	return err
}

// undo brings a page of letters back and counts those that are resolved, and
// those that retention deletes soon.
func (w *deadWork) undo(ctx context.Context, page []store.DeadLetter) error {
	retention, err := w.db.Retention(ctx)
	if err != nil {
		return err
	}
	now, err := w.db.Now(ctx)
	if err != nil {
		return err
	}
	undone, err := settle(ctx, w.db, page, w.action.act)
	if err != nil {
		return err
	}
	w.result.Done += int64(len(undone))
	for _, letter := range page {
		status, changed := undone[letter.ID]
		letter.Status, letter.StatusAt = status, now
		switch until := retention.KeptUntil(&letter); {
		case !changed:
		case status == store.DeadResolved:
			w.result.NotUndone = addState(w.result.NotUndone, store.StateResolved)
		case !until.IsZero() && until.Before(now):
			w.result.Expiring++
		}
	}
	return nil
}

// addState counts one more letter in a state.
func addState(counts []store.DeadStateCount, state store.DeadState) []store.DeadStateCount {
	for i := range counts {
		if counts[i].State == state {
			counts[i].Letters++
			return counts
		}
	}
	return append(counts, store.DeadStateCount{State: state, Letters: 1})
}

// whyNotUndone says why a letter in a state is not brought back.
func whyNotUndone(state store.DeadState) string {
	switch state {
	case store.StateResolved:
		return "resolved: the hit has come to a good end, and there is nothing to bring back."
	case store.StateOnTheWay, store.StateSilent:
		return "replayed: the hit was published, which cannot be undone."
	default:
		return string(state) + ": not discarded."
	}
}
