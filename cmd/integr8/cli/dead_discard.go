package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/pipeline/failure"
)

type deadDiscardCommand struct {
	output
	deadOpenChoice
	deadPace
	Yes  bool   `short:"y" help:"Do not ask. Needed where there is no terminal to ask on."`
	Note string `placeholder:"TEXT" help:"Why: kept with what happened to each."`
}

// Run marks the chosen open dead letters as given up, after a person has seen
// how many there are.
func (c *deadDiscardCommand) Run(ctx context.Context, inv *invocation) error {
	letters, err := inv.deadLetters()
	if err != nil {
		return err
	}
	filter, err := c.filter(ctx, inv)
	if err != nil {
		return err
	}
	consent := func(estimate dead.Result) error {
		if c.Yes || estimate.Chosen == 0 {
			return nil
		}
		return inv.askToDiscard(ctx, estimate)
	}
	if c.Background {
		return c.order(ctx, inv, c.output, jobs.Order{Act: history.Discard, Filter: filter, By: inv.operator(c.Note)}, consent)
	}
	discard, err := letters.Discard(ctx, filter, inv.operator(c.Note))
	if err != nil {
		return err
	}
	discard.PerSecond = float64(c.Rate)
	return c.carryOut(ctx, inv, c.output, discard, discard.Work, func() error { return consent(discard.Result) })
}

// askToDiscard returns an error unless a person agrees.
func (inv *invocation) askToDiscard(ctx context.Context, estimate dead.Result) error {
	number := operate.Counted(estimate.Chosen, "dead letter")
	var reasons []string
	for _, reason := range estimate.Reasons {
		reasons = append(reasons, fmt.Sprintf("%d %s", reason.Letters, reason.Reason))
	}
	if !inv.asksPeople() {
		return usageError{failure.WithHint(fmt.Errorf("%s would be discarded (%s), and there is no terminal to ask on", number, strings.Join(reasons, ", ")),
			"add --yes to discard them, or --dry-run to see them; integr8 dead undo brings them back")}
	}
	agreed, err := inv.confirm(ctx, fmt.Sprintf("Discard %s (%s)?", number, strings.Join(reasons, ", ")))
	if err == nil && !agreed {
		err = errors.New("nothing was discarded")
	}
	return err
}
