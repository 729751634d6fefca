package cli

import (
	"context"

	"integr8/handlers/operate"
	"integr8/handlers/operate/queues"
)

type topologyCommand struct{ output }

// Run declares the exchanges and queues.
func (c *topologyCommand) Run(ctx context.Context, inv *invocation) error {
	address, err := inv.settings.amqpURL()
	if err != nil {
		return err
	}
	declared, err := queues.Declare(ctx, queues.RabbitMQ{Topology: inv.settings.topology(), URL: address})
	declared.Unseen = inv.hideSecrets(declared.Unseen)
	return printing(c.output, inv, declaredTable).one(declared, err)
}

func declaredTable(all ...queues.Declared) func(*table) {
	return func(t *table) {
		for _, declared := range all {
			t.row(operate.Count(len(declared.Queues), "queue", "is", "are") + " in place:")
			for _, queue := range declared.Queues {
				t.row("  " + queue)
			}
			if declared.Unseen != "" {
				t.row("It could not be seen " + declared.Unseen)
			}
		}
	}
}
