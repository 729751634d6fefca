package rabbit

import (
	"context"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Backlog is what waits in front of the consumers of a topic.
type Backlog struct {
	// Ready counts the AMQP messages in the topic's queues that can be
	// delivered. Those that were delivered and are not acknowledged are not
	// among them.
	Ready int
	// Retrying counts the messages in the retry queues, of whatever topic, and
	// RetrySpan is how long a message waits there at most, over all its attempts.
	Retrying  int
	RetrySpan time.Duration
	// Consumers counts those of the topic's own queue. When there is none, nothing
	// is known: a queue whose leader does not answer the broker within 250 ms, as
	// when it is overloaded, is reported as empty and without consumers.
	Consumers int
}

// Backlog looks how much waits for the consumers of a work queue.
func (t Topology) Backlog(ctx context.Context, url, topic string) (Backlog, error) {
	var found Backlog
	err := administer(ctx, url, "look at the backlog of "+topic, func(ch *amqp.Channel) error {
		own, err := t.inspect(ch, topic)
		if err != nil {
			return err
		}
		found.Ready, found.Consumers = own.Messages, own.Consumers
		if suspects := t.suspects(topic); suspects != "" {
			aside, err := t.inspect(ch, suspects)
			if err != nil {
				return err
			}
			found.Ready += aside.Messages
		}
		for _, delay := range RetryDelays {
			queue, err := t.inspect(ch, retryName(delay))
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

func (t Topology) inspect(ch *amqp.Channel, key string) (amqp.Queue, error) {
	queue, err := ch.QueueDeclarePassive(t.queue(key), true, false, false, false, nil)
	if err != nil {
		return amqp.Queue{}, missing("queue", t.queue(key), err)
	}
	return queue, nil
}
