package cli

import (
	"context"
	"errors"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
)

type deadUndoCommand struct {
	output
	deadChoice
	deadPace
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

// Run opens discarded dead letters again.
func (c *deadUndoCommand) Run(ctx context.Context, inv *invocation) error {
	letters, err := inv.deadLetters()
	if err != nil {
		return err
	}
	filter, err := c.filter(ctx, inv)
	if err != nil {
		return err
	}
	switch {
	case c.Act != nil:
		filter.Act = c.Act.UUID
	case c.Last:
		if filter.Act, err = letters.LastDiscard(ctx); err != nil {
			return err
		}
	}
	if c.Background {
		return c.order(ctx, inv, c.output, jobs.Order{Act: history.Undo, Filter: filter, By: inv.operator(c.Note)}, nil)
	}
	undo, err := letters.Undo(ctx, filter, inv.operator(c.Note))
	if err != nil {
		return err
	}
	undo.PerSecond = float64(c.Rate)
	return c.carryOut(ctx, inv, c.output, undo, undo.Work, func() error { return nil })
}

// whyNotUndone says why a letter in a state is not brought back.
func whyNotUndone(state dead.State) string {
	switch state {
	case dead.StateResolved:
		return "resolved: the hit has come to a good end, and there is nothing to bring back."
	case dead.StateOnTheWay, dead.StateSilent:
		return "replayed: the hit was published, which cannot be undone."
	default:
		return string(state) + ": not discarded."
	}
}
