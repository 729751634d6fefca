package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"integr8/sql/store"
)

type deadDiscardCommand struct {
	output
	deadOpenChoice
	Yes  bool   `short:"y" help:"Do not ask. Needed where there is no terminal to ask on."`
	Note string `placeholder:"TEXT" help:"Why: kept with what happened to each."`
}

// Run marks the chosen open dead letters as given up, after a person has seen
// how many there are.
func (c *deadDiscardCommand) Run(ctx context.Context, app *app) error {
	w, err := c.prepare(ctx, app, deadAction{
		verb: "discarded", act: app.act(store.DeadWasDiscarded, c.Note),
		filtered: c.state(), named: store.StateAttention, unknown: traceInstead,
	})
	if err != nil {
		return err
	}
	if c.DryRun || w.result.Chosen == 0 {
		return w.end(c.output, nil)
	}
	if !c.Yes {
		if err := w.ask(ctx); err != nil {
			return err
		}
	}
	return w.end(c.output, w.sweep(ctx, w.mark))
}

// ask returns an error unless a person agrees.
func (w *deadWork) ask(ctx context.Context) error {
	number := strings.TrimSpace(count(w.result.Chosen, "dead letter", "", ""))
	var reasons []string
	for _, reason := range w.result.Reasons {
		reasons = append(reasons, fmt.Sprintf("%d %s", reason.Letters, reason.Reason))
	}
	if !w.app.asksPeople() {
		return usageError{withHint(fmt.Errorf("%s would be discarded (%s), and there is no terminal to ask on", number, strings.Join(reasons, ", ")),
			"add --yes to discard them, or --dry-run to see them; integr8 dead undo brings them back")}
	}
	agreed, err := w.app.confirm(ctx, fmt.Sprintf("Discard %s (%s)?", number, strings.Join(reasons, ", ")))
	if err == nil && !agreed {
		err = errors.New("nothing was discarded")
	}
	return err
}
