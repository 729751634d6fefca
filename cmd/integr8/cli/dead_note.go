package cli

import (
	"context"
	"errors"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
)

type deadNoteCommand struct {
	output
	deadChoice
	deadPace
	All  bool   `help:"Note it on every dead letter, in whatever state, without any filter."`
	Note string `required:"" placeholder:"TEXT" help:"What to note."`
}

// Validate refuses a choice that was probably not meant.
func (c *deadNoteCommand) Validate() error {
	ways := 0
	for _, given := range []bool{len(c.IDs) > 0, c.chosen(), c.All} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("name dead letters in one way: receipts, a filter such as --reason, or --all")
	}
	return nil
}

// Run adds a note to the history of dead letters, and changes nothing else.
func (c *deadNoteCommand) Run(ctx context.Context, inv *invocation) error {
	letters, err := inv.deadLetters()
	if err != nil {
		return err
	}
	filter, err := c.filter(ctx, inv)
	if err != nil {
		return err
	}
	if c.Background {
		return c.order(ctx, inv, c.output, jobs.Order{Act: history.Note, Filter: filter, By: inv.operator(c.Note)}, nil)
	}
	note, err := letters.Note(ctx, filter, inv.operator(c.Note))
	if err != nil {
		return err
	}
	note.PerSecond = float64(c.Rate)
	return c.carryOut(ctx, inv, c.output, note, note.Work, func() error { return nil })
}
