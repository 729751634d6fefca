package rabbit

import (
	"context"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Backlog counts the messages of a topic that are not delivered yet.
type Backlog struct {
	// Ready counts the AMQP messages in the topic's work queue and its quarantine.
	// Messages that were delivered and are not acked are not counted.
	Ready int
	// Retrying counts the messages in the retry queues of the topic, including those
	// of other topics with the same delays. RetrySpan is the sum of the topic's retry
	// delays: the longest time that a message spends in these queues.
	Retrying  int
	RetrySpan time.Duration
	// Consumers counts the consumers of the topic's work queue. At 0 the other fields
	// prove nothing: a broker that knows of no leader of a queue reports the queue as
	// empty and without consumers.
	Consumers int
}

// Backlog reads the backlog of a topic from the broker.
func (t Topology) Backlog(ctx context.Context, url, topic string) (Backlog, error) {
	var found Backlog
	err := administer(ctx, url, "look at the backlog of "+topic, func(ch *amqp.Channel) error {
		own, err := count(ch, t.queue(topic))
		if err != nil {
			return err
		}
		found.Ready, found.Consumers = own.Messages, own.Consumers
		if quarantine := t.quarantineOf(topic); quarantine != "" {
			quarantined, err := count(ch, t.queue(quarantine))
			if err != nil {
				return err
			}
			found.Ready += quarantined.Messages
		}
		for _, delay := range t.RetryDelaysOf(topic) {
			queue, err := count(ch, t.queue(retryName(delay)))
			if err != nil {
				return err
			}
			found.Retrying += queue.Messages
			found.RetrySpan += delay
		}
		return nil
	})
	if err != nil {
		return Backlog{}, err
	}
	return found, nil
}
