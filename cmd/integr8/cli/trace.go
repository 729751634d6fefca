package cli

import (
	"context"

	"integr8/handlers/operate/trace"
)

type traceCommand struct {
	output
	ID      id    `arg:"" help:"A transaction_id or a receipt, in any spelling."`
	Account int64 `placeholder:"ID" help:"Only this account's part of the story."`
}

// Run prints the story of a click or a hit.
func (c *traceCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	traces := trace.Traces{Store: db}
	if keys, err := inv.settings.keys(); err == nil { // the story is of use without them
		traces.Keys = keys
	}
	story, err := traces.Of(ctx, c.ID.UUID, c.Account)
	if err != nil {
		return err
	}
	return c.print(inv, story, func(t *table) { storyTable(t, story) })
}
