package cli

import (
	"context"
	"time"

	"integr8/handlers/operate/retention"
)

type retentionCommand struct {
	Show retentionShowCommand `cmd:"" help:"Show how long clicks, hits and dead letters are kept."`
	Set  retentionSetCommand  `cmd:"" help:"Change how long something is kept, for all workers."`
}

func (inv *invocation) retentions() (retention.Retentions, error) {
	db, err := inv.store()
	return retention.Retentions{Store: db, LateClicks: inv.settings.LateClicks}, err
}

func retentionTable(all ...retention.Kept) func(*table) {
	return func(t *table) {
		t.row("NAME", "KEPT", "WHAT")
		for _, kept := range all {
			t.row(kept.Name, kept.Keeps, kept.Of)
		}
	}
}

type retentionShowCommand struct{ output }

// Run shows the retention.
func (c *retentionShowCommand) Run(ctx context.Context, inv *invocation) error {
	retentions, err := inv.retentions()
	if err != nil {
		return err
	}
	return printing(c.output, inv, retentionTable).list(retentions.Show(ctx))
}

type retentionSetCommand struct {
	output
	Hits                    *time.Duration `placeholder:"TIME" help:"How long clicks and hits are kept, such as 400d; 0 keeps them for ever. At least the largest attribution window of any offer and INTEGR8_LATE_CLICKS together."`
	ClosedDeadLetters       *time.Duration `placeholder:"TIME" help:"How long dead letters are kept after they were resolved or discarded; 0 keeps them for ever."`
	UnknownTokenDeadLetters *time.Duration `placeholder:"TIME" help:"How long open dead letters with an unknown token are kept; 0 keeps them for ever."`
}

func (c *retentionSetCommand) change() retention.Times {
	change := retention.Times{}
	for name, kept := range map[retention.Name]*time.Duration{
		retention.Hits:                    c.Hits,
		retention.ClosedDeadLetters:       c.ClosedDeadLetters,
		retention.UnknownTokenDeadLetters: c.UnknownTokenDeadLetters,
	} {
		if kept != nil {
			change[name] = *kept
		}
	}
	return change
}

// Validate refuses what changes nothing and what cannot be stored.
func (c *retentionSetCommand) Validate() error {
	if len(c.change()) == 0 {
		return errNothingToChange
	}
	return c.change().Check()
}

// Run changes the retention.
func (c *retentionSetCommand) Run(ctx context.Context, inv *invocation) error {
	retentions, err := inv.retentions()
	if err != nil {
		return err
	}
	return printing(c.output, inv, retentionTable).list(retentions.Set(ctx, c.change()))
}

// What is said where the retention is still set as it once was, for each worker.
const (
	oldRetentionName = "INTEGR8_RETENTION"
	oldRetention     = oldRetentionName + " is set, and has no effect: how long clicks and hits are kept is in the database now"
	oldRetentionHint = "see integr8 retention show, set it with integr8 retention set --hits, and remove the variable"
)

func (inv *invocation) hasOldRetention() bool {
	value, set := inv.lookup(oldRetentionName)
	return set && value != ""
}
