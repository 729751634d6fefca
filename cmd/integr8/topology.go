package main

import (
	"context"
	"fmt"
)

type topologyCommand struct{ output }

type declared struct {
	Queues []string `json:"queues"`
}

// Run declares the exchanges and queues. It can be run again at any time.
func (c *topologyCommand) Run(ctx context.Context, app *app) error {
	address, err := app.settings.amqpURL()
	if err != nil {
		return err
	}
	topology := app.settings.topology()
	if err := topology.Declare(ctx, address); err != nil {
		return err
	}
	depths, err := topology.Depths(ctx, address)
	if err != nil {
		return err
	}
	answer := declared{Queues: []string{}}
	for _, depth := range depths {
		answer.Queues = append(answer.Queues, depth.Queue)
	}
	return c.print(app, answer, func(t *table) {
		t.row(fmt.Sprintf("%d queues are in place:", len(answer.Queues)))
		for _, queue := range answer.Queues {
			t.row("  " + queue)
		}
	})
}
