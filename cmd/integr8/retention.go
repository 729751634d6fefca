package main

import (
	"context"
	"fmt"
	"time"

	"integr8/sql/store"
)

type retentionCommand struct {
	Show retentionShowCommand `cmd:"" help:"Show how long clicks, hits and dead letters are kept."`
	Set  retentionSetCommand  `cmd:"" help:"Change how long something is kept, for all workers."`
}

// retentionView is one retention as it is shown.
type retentionView struct {
	Name store.RetentionName `json:"name"`
	// Seconds is 0 for what is kept for ever.
	Seconds int64  `json:"seconds"`
	Keeps   string `json:"keeps"`
	Of      string `json:"of"`
}

// retained says what each retention is of.
var retained = map[store.RetentionName]string{
	store.RetainHits:                    "clicks and hits, by whole days from their receipt; conversions are kept for ever",
	store.RetainClosedDeadLetters:       "dead letters resolved, discarded or replayed, from then on",
	store.RetainUnknownTokenDeadLetters: "open dead letters with an unknown token, from their death; past the rate of such hits, with the hit, at most a day",
}

func viewRetention(retention store.Retention) []retentionView {
	views := []retentionView{}
	for _, name := range store.RetentionNames() {
		kept := retention[name]
		view := retentionView{Name: name, Seconds: int64(kept / time.Second), Keeps: "for ever", Of: retained[name]}
		if kept > 0 {
			view.Keeps = writeWindow(kept)
		}
		views = append(views, view)
	}
	return views
}

func (o output) printRetention(app *app, retention store.Retention) error {
	views := viewRetention(retention)
	return o.print(app, views, func(t *table) {
		t.row("NAME", "KEPT", "WHAT")
		for _, view := range views {
			t.row(view.Name, view.Keeps, view.Of)
		}
	})
}

type retentionShowCommand struct{ output }

// Run shows the retention.
func (c *retentionShowCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		return err
	}
	return c.printRetention(app, retention)
}

type retentionSetCommand struct {
	output
	Hits                    *time.Duration `placeholder:"TIME" help:"How long clicks and hits are kept, such as 400d; 0 keeps them for ever. At least the largest attribution window of any offer and INTEGR8_LATE_CLICKS together."`
	ClosedDeadLetters       *time.Duration `placeholder:"TIME" help:"How long dead letters are kept after they were resolved or discarded; 0 keeps them for ever."`
	UnknownTokenDeadLetters *time.Duration `placeholder:"TIME" help:"How long open dead letters with an unknown token are kept; 0 keeps them for ever."`
}

func (c *retentionSetCommand) change() store.Retention {
	change := store.Retention{}
	for name, kept := range map[store.RetentionName]*time.Duration{
		store.RetainHits:                    c.Hits,
		store.RetainClosedDeadLetters:       c.ClosedDeadLetters,
		store.RetainUnknownTokenDeadLetters: c.UnknownTokenDeadLetters,
	} {
		if kept != nil {
			change[name] = *kept
		}
	}
	return change
}

// Validate refuses what changes nothing and what cannot be stored.
func (c *retentionSetCommand) Validate() error {
	change := c.change()
	if len(change) == 0 {
		return errNothingToChange
	}
	for name, kept := range change {
		if kept%time.Second != 0 {
			return fmt.Errorf("%s: %s is not a whole number of seconds", name, kept)
		}
	}
	return nil
}

// Run changes the retention.
func (c *retentionSetCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	retention, err := db.SetRetention(ctx, c.change(), app.settings.LateClicks)
	if err != nil {
		return err
	}
	return c.printRetention(app, retention)
}

// retentionHint says how a refused retention or attribution window can be had.
func retentionHint(refused *store.RetentionError) string {
	return fmt.Sprintf("keep clicks and hits longer, integr8 retention set --hits %s or more, or for ever with 0; or make the window shorter: integr8 offer edit ID --window",
		writeWindow(refused.Needed()))
}

// What is said where the retention is still set as it once was, for each worker.
const (
	oldRetentionName = "INTEGR8_RETENTION"
	oldRetention     = oldRetentionName + " is set, and has no effect: how long clicks and hits are kept is in the database now"
	oldRetentionHint = "look at integr8 retention show, set it with integr8 retention set --hits, and remove the variable"
)

func (a *app) hasOldRetention() bool {
	value, set := a.lookup(oldRetentionName)
	return set && value != ""
}
