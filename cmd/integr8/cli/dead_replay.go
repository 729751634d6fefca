package cli

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
)

type deadReplayCommand struct {
	output
	deadOpenChoice
	deadPace
	Wait time.Duration `default:"10s" range:"0s..24h" help:"Without --background: how long to wait for what becomes of the hits; 0s does not. Ctrl-C ends the wait and takes nothing back."`
	Note string        `placeholder:"TEXT" help:"Why: kept with what happened to each."`
}

// Run publishes the chosen hits again, and says before what will be in vain.
func (c *deadReplayCommand) Run(ctx context.Context, inv *invocation) error {
	letters, err := inv.deadLetters()
	if err != nil {
		return err
	}
	filter, err := c.filter(ctx, inv)
	if err != nil {
		return err
	}
	if c.Background {
		return c.order(ctx, inv, c.output, jobs.Order{Act: history.Replay, Filter: filter, By: inv.operator(c.Note)}, nil)
	}
	replay, err := letters.Replay(ctx, filter, inv.operator(c.Note))
	if err != nil {
		return err
	}
	for _, warning := range replay.Result.Warnings {
		fmt.Fprintln(inv.stderr, "warning: "+printable(warning))
	}
	replay.PerSecond, replay.Wait = float64(c.Rate), c.Wait
	return c.carryOut(ctx, inv, c.output, replay, replay.Work, func() error { return nil })
}
