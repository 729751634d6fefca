package main

import (
	"context"
	"errors"
	"fmt"

	"integr8/pipeline/rabbit"
)

type topologyCommand struct{ output }

type declared struct {
	Queues []string `json:"queues"`
	// Unseen is what could not be looked at, and why.
	Unseen string `json:"unseen,omitempty"`
}

// hintStreams is how dead-lettering is made safe. The policy is one that changes
// nothing: queues take up the flag when one is applied.
const hintStreams = "run rabbitmqctl enable_feature_flag stream_queue, and then integr8 topology; queues that were declared before take it up " +
	"by a policy that comes and goes: rabbitmqctl set_policy once '^PREFIX' '{\"max-length\":1000000000}' --apply-to queues, and rabbitmqctl clear_policy once"

// Run declares the exchanges and queues. It can be run again at any time.
func (c *topologyCommand) Run(ctx context.Context, app *app) error {
	address, err := app.settings.amqpURL()
	if err != nil {
		return err
	}
	topology := app.settings.topology()
	// Before they are declared: queues keep what they find then.
	safe := topology.CheckDeadLettering(ctx, address)
	if errors.Is(safe, rabbit.ErrDeadLettersAtRisk) {
		return withHint(safe, hintStreams)
	}
	if err := topology.Declare(ctx, address); err != nil {
		return err
	}
	depths, err := topology.Depths(ctx, address)
	if err != nil {
		return err
	}
	answer := declared{Queues: []string{}}
	if safe != nil {
		answer.Unseen = app.hideSecrets(fmt.Sprintf("whether dead letters are moved at least once (feature flag stream_queue): %s", oneLine(safe)))
	}
	for _, depth := range depths {
		answer.Queues = append(answer.Queues, depth.Queue)
	}
	return c.print(app, answer, func(t *table) {
		t.row(fmt.Sprintf("%d queues are in place:", len(answer.Queues)))
		for _, queue := range answer.Queues {
			t.row("  " + queue)
		}
		if answer.Unseen != "" {
			t.row("It could not be seen " + answer.Unseen)
		}
	})
}
