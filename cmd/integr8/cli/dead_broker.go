package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/rabbit"
)

// deadBroker is RabbitMQ for the use cases of dead letters.
type deadBroker struct{ inv *invocation }

// Depths asks for no longer than --timeout. Without an address it knows of no queue:
// the replay fails for the same reason, with a hint.
func (b deadBroker) Depths(ctx context.Context) (map[string]rabbit.Depth, error) {
	address, err := b.inv.settings.amqpURL()
	if err != nil {
		return nil, nil
	}
	ctx, cancel := b.inv.limited(ctx)
	defer cancel()
	topology := b.inv.settings.topology()
	depths, err := topology.Depths(ctx, address)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]rabbit.Depth, len(depths))
	for _, depth := range depths {
		byName[strings.TrimPrefix(depth.Queue, topology.Prefix)] = depth
	}
	return byName, nil
}

// Publisher makes a connection to publish with, which the caller closes.
func (b deadBroker) Publisher() (message.Publisher, error) {
	address, err := b.inv.brokerURL()
	if err != nil {
		return nil, err
	}
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: address, Topology: b.inv.settings.topology(), ConfirmTimeout: b.inv.settings.ConfirmTimeout, Logger: b.inv.commandLogger(),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to publish: %w", err)
	}
	return publisher, nil
}
