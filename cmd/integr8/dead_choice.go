package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"integr8/sql/store"
)

// deadChoice says which dead letters replay, discard and undo work on.
type deadChoice struct {
	IDs []id `arg:"" optional:"" name:"id" help:"Receipts of single hits."`
	deadFilter
	DryRun bool `help:"Only tell what would be done."`
}

// deadOpenChoice is the choice of replay and discard.
type deadOpenChoice struct {
	deadChoice
	All    bool `help:"Work on every open dead letter, without any filter."`
	Silent bool `help:"Work on those that were replayed over an hour ago and of which nothing was heard since, instead of on open ones."`
}

// Validate refuses a choice that was probably not meant.
func (c *deadOpenChoice) Validate() error {
	filtered := c.chosen() || c.Silent
	switch {
	case len(c.IDs) > 0 && (filtered || c.All):
		return errors.New("name either receipts or a filter, not both")
	case len(c.IDs) == 0 && !filtered && !c.All:
		return errors.New("name receipts, or a filter such as --reason, or --all for every open dead letter")
	default:
		return nil
	}
}

// state is that of the letters which a filter chooses.
func (c *deadOpenChoice) state() store.DeadState {
	if c.Silent {
		return store.StateSilent
	}
	return store.StateOpen
}

// deadAction is what replay, discard and undo do differently.
type deadAction struct {
	verb string
	act  store.DeadAct
	// filtered is the state of the letters that a filter chooses, and named that
	// of those that are worked on when they are named; empty for any.
	filtered, named store.DeadState
	// byAct narrows a filter down to what one command did; uuid.Nil does not.
	byAct uuid.UUID
	// unknown is the hint for a receipt of which there is no dead letter.
	unknown func(id) string
}

// deadWork is one run of replay, discard or undo.
type deadWork struct {
	app    *app
	db     *store.Store
	choice *deadChoice
	action deadAction
	filter store.DeadFilter
	result deadResult
}

// prepare fixes what is worked on at this moment and counts it.
func (c *deadChoice) prepare(ctx context.Context, app *app, action deadAction) (*deadWork, error) {
	db, err := app.store()
	if err != nil {
		return nil, err
	}
	w := &deadWork{app: app, db: db, choice: c, action: action}
	if w.filter, err = c.bound(ctx, db, action); err != nil {
		return nil, err
	}
	counted, err := db.DeadReasons(ctx, w.filter)
	if err != nil {
		return nil, err
	}
	w.result = deadResult{DryRun: c.DryRun, Act: action.act.ID}
	w.result.Reasons, w.result.Chosen = viewDeadReasons(counted)
	return w, c.check(ctx, db, w.result.Chosen)
}

// bound refuses receipts of which there is no dead letter.
func (c *deadChoice) bound(ctx context.Context, db *store.Store, action deadAction) (store.DeadFilter, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return store.DeadFilter{}, err
	}
	filter := c.forStore()
	filter.Act = action.byAct
	if filter.Until.IsZero() || filter.Until.After(now) {
		filter.Until = now
	}
	if len(c.IDs) == 0 {
		filter.State = action.filtered
		return filter, nil
	}
	for _, one := range c.IDs {
		found, err := db.DeadLetters(ctx, store.DeadFilter{IDs: numbers([]id{one})}, store.NewestDeath, nil, 1)
		switch {
		case err != nil:
			return store.DeadFilter{}, err
		case len(found) == 0:
			return store.DeadFilter{}, withHint(fmt.Errorf("no dead letter %s; nothing was done", one), action.unknown(one))
		}
	}
	filter.IDs, filter.State = numbers(c.IDs), action.named
	return filter, nil
}

// traceInstead is the hint for a receipt without a dead letter.
func traceInstead(one id) string {
	return "integr8 trace " + one.String() + " tells what became of the hit"
}
