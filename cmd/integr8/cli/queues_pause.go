package cli

import (
	"context"

	"integr8/handlers/operate"
	"integr8/handlers/operate/queues"
)

// intake returns the use cases that pause and resume queues.
func (inv *invocation) intake() (queues.Intake, error) {
	db, err := inv.store()
	return queues.Intake{Store: db, Topics: inv.settings.topology().TopicNames()}, err
}

type queuesPauseCommand struct {
	output
	Queue  string `arg:"" help:"Name of the queue without a prefix: clicks or postbacks."`
	Reason string `required:"" placeholder:"TEXT" help:"Why: kept in the history, and shown while the queue is paused."`
}

// Run pauses a queue.
func (c *queuesPauseCommand) Run(ctx context.Context, inv *invocation) error {
	intake, err := inv.intake()
	if err != nil {
		return err
	}
	pause, err := intake.Pause(ctx, c.Queue, c.Reason)
	if err != nil {
		return err
	}
	return printing(c.output, inv, pauseTable).one(pause, nil)
}

type queuesResumeCommand struct {
	output
	Queue  string `arg:"" help:"Name of the queue without a prefix: clicks or postbacks."`
	Reason string `placeholder:"TEXT" help:"Why: kept in the history."`
}

// Run ends the pause of a queue, and prints it.
func (c *queuesResumeCommand) Run(ctx context.Context, inv *invocation) error {
	intake, err := inv.intake()
	if err != nil {
		return err
	}
	pause, err := intake.Resume(ctx, c.Queue, c.Reason)
	if err != nil {
		return err
	}
	return printing(c.output, inv, pauseTable).one(pause, nil)
}

func pauseTable(all ...queues.Pause) func(*table) {
	return func(t *table) {
		t.row("QUEUE", "PAUSED SINCE", "BY", "REASON")
		for _, pause := range all {
			t.row(pause.Topic, operate.Clock(pause.Since), long(pause.By), long(pause.Reason))
		}
	}
}
