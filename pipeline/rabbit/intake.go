package rabbit

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// intake is the consumer of a subscription at the broker, which a pause cancels. The
// channel stays, so that what was delivered before can be settled.
type intake struct {
	*subscription
	channel *channel
	open    bool
	// deliveries has what was delivered; after a pause it is closed behind the last.
	deliveries <-chan amqp.Delivery
}

// consumerTag must be unique on its channel only.
const consumerTag = "hits"

// set begins to consume, or ends that.
func (i *intake) set(open bool) error {
	if open == i.open {
		return nil
	}
	if !open {
		i.open = false
		i.flow.consume(false)
		err := i.channel.session.bounded(closeTimeout, func() error { return i.channel.Cancel(consumerTag, false) })
		if err != nil {
			return fmt.Errorf("stop to consume from queue %s: %w", i.queue, err)
		}
		return nil
	}
	if i.deliveries != nil {
		return nil // those of before the pause come first
	}
	err := i.channel.session.bounded(responseTimeout, func() (err error) {
		if err = i.channel.Qos(i.owner.options.Prefetch, 0, false); err == nil {
			i.deliveries, err = i.channel.Consume(i.queue, consumerTag, false, false, false, false, nil)
		}
		return err
	})
	switch {
	case hasCode(err, amqp.NotFound):
		return fmt.Errorf("queue %s is missing: run `integr8 topology`: %w", i.queue, err)
	case err != nil:
		return fmt.Errorf("consume from queue %s: %w", i.queue, err)
	}
	i.open = true
	i.flow.consume(true)
	i.owner.quarantine.deliveryBegan()
	return nil
}
