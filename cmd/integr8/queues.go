package main

import (
	"context"
	"time"
)

type queuesCommand struct {
	output
	Watch    bool          `help:"Look again and again until interrupted; with --json, one line each time."`
	Interval time.Duration `default:"2s" range:"100ms..24h" help:"Time between two looks of --watch."`
}

// Run shows how full the queues are, once or again and again.
func (c *queuesCommand) Run(ctx context.Context, app *app) error {
	address, err := app.settings.amqpURL()
	if err != nil {
		return err
	}
	topology := app.settings.topology()
	before := map[string]int{}
	for {
		views, err := lookAtQueues(ctx, app, topology, address, before)
		if c.Watch && ctx.Err() != nil {
			return nil // interrupted in the middle of a look
		}
		if err != nil {
			return err
		}
		if !c.Watch {
			return c.print(app, views, func(t *table) { queueTable(t, views) })
		}
		if err := c.show(app, views); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(c.Interval):
		}
	}
}

func (c *queuesCommand) show(app *app, views []queueView) error {
	if c.JSON {
		return writeJSON(app.stdout, views, "")
	}
	return c.print(app, nil, func(t *table) {
		t.row(clock(time.Now()))
		queueTable(t, views)
		t.row()
	})
}

func queueTable(t *table, views []queueView) {
	t.row("QUEUE", "READY", "IN FLIGHT", "OLDEST", "CONSUMERS", "WHAT IT HOLDS")
	for _, view := range views {
		t.row(view.Queue, view.ready(), view.InFlight, view.oldest(), view.Consumers, view.Purpose)
	}
	for _, view := range views {
		if view.Hint != "" {
			t.row()
			t.row(view.Queue + ": " + view.Hint)
		}
	}
}
