package cli

import (
	"context"
	"errors"
	"fmt"

	"integr8/handlers/operate"
	"integr8/handlers/operate/spools"
	"integr8/pipeline/rabbit"
)

type spoolCommand struct {
	Show  spoolShowCommand  `cmd:"" help:"Show what waits in a spool directory, or in that of this receiver and those beside it."`
	Drain spoolDrainCommand `cmd:"" time:"long" help:"Hand the hits of a spool directory that no process holds to the broker."`
}

type spoolShowCommand struct {
	output
	Dir string `arg:"" optional:"" type:"path" help:"The directory, as INTEGR8_SPOOL_DIR names it."`
}

// Run reads directories, also those that a process has open.
func (c *spoolShowCommand) Run(_ context.Context, inv *invocation) error {
	if c.Dir != "" {
		found, err := spools.Show(c.Dir)
		return printing(c.output, inv, spoolTable).list([]spools.Spool{found}, err)
	}
	own, err := inv.spoolDir()
	if err != nil {
		return err
	}
	found, err := spools.ShowAround(own, inv.otherSpoolDirs()...)
	if err == nil && len(found) == 0 {
		return c.print(inv, found, func(t *table) {
			t.row("No receiver's spool is in " + own + ", and no hits wait beside it. Name the directory, as INTEGR8_SPOOL_DIR has it, to look elsewhere.")
		})
	}
	return printing(c.output, inv, spoolTable).list(found, err)
}

func spoolTable(all ...spools.Spool) func(*table) {
	return func(t *table) {
		t.row("DIRECTORY", "HELD", "HITS", "BYTES", "OLDEST", "UNREADABLE", "DAMAGED FILES")
		for _, one := range all {
			held := "no"
			if one.Held {
				held = "yes"
			}
			t.row(one.Dir, held, one.Hits, one.Bytes, clockOrDash(one.Oldest), one.Unreadable, one.DamagedFiles)
		}
	}
}

type spoolDrainCommand struct {
	output
	Dir string `arg:"" type:"existingdir" help:"The directory, as INTEGR8_SPOOL_DIR named it. A receiver that runs drains its own."`
}

// Run drains until nothing is left or ctx ends; then it may be run again.
func (c *spoolDrainCommand) Run(ctx context.Context, inv *invocation) (err error) {
	address, err := inv.brokerURL()
	if err != nil {
		return err
	}
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: address, Topology: inv.settings.topology(), ConfirmTimeout: inv.settings.ConfirmTimeout, Logger: inv.commandLogger(),
		MaxItems: inv.settings.BatchHits, Outstanding: rabbit.OutstandingFor(inv.settings.BatchHits),
	})
	if err != nil {
		return fmt.Errorf("prepare to publish: %w", err)
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()
	drained, err := spools.Drain(ctx, c.Dir, publisher, inv.commandLogger())
	if err != nil {
		return err
	}
	if err := c.print(inv, drained, func(t *table) {
		t.row(fmt.Sprintf("Drained %s; left: %d", operate.Counted(drained.Drained, "hit"), drained.Left))
	}); err != nil {
		return err
	}
	return drained.Err()
}
