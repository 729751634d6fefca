package rabbit

import (
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// DefaultMaxBytes is how many bytes of messages a queue holds before it
// refuses more: 8 GiB, about ten million hits.
const DefaultMaxBytes int64 = 8 << 30

// deliveryLimit is how often a message may return to a work queue before
// the broker dead-letters it.
const deliveryLimit = 20

// noDeliveryLimit is a limit that is never reached. RabbitMQ 4 drops a message after
// 20 returns when no limit is set, and only RabbitMQ 4 understands -1; this value has
// the same effect on every version.
const noDeliveryLimit = 1_000_000_000

// defaultRetryDelays returns the delays of a topology that has none of its own. Their
// sum is less than dead.SilentAfter. A dead letter that cannot be archived is retried
// with the last of them for as long as it takes.
func defaultRetryDelays() []time.Duration {
	return []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
}

// Topology is the set of queues and exchanges: a direct exchange hits in
// front of the work queues and the dead queue, beside each work queue its
// quarantine, and for each retry delay a queue whose messages return to hits
// under the key they were published with.
// All queues are quorum queues that refuse messages when they are full. It
// works on RabbitMQ 3.10 and later.
type Topology struct {
	// Prefix stands before every exchange and queue name, so that several
	// systems or tests share a broker. Default: none.
	Prefix string
	// MaxBytes bounds the message bytes that each queue holds. Default
	// DefaultMaxBytes.
	MaxBytes int64
	// Topics are the kinds of messages that have a work queue, in the order in which
	// the queues are declared.
	Topics []Topic
	// RetryDelays are those of TopicDead and of each topic that has none of its own.
	// Default: those of defaultRetryDelays.
	RetryDelays []time.Duration
}

// destination is the exchange and the routing key of a topic.
type destination struct {
	exchange, key string
}

func (t Topology) destination(topic string) (destination, error) {
	retry, key, isRetry := strings.Cut(topic, "/")
	if !isRetry {
		return destination{t.hits(), topic}, nil
	}
	// A retry queue accepts any key, and a message whose key has no binding at the
	// exchange hits would never leave it.
	if !strings.HasPrefix(retry, "retry.") || key != TopicDead && !t.hasWorkQueue(key) {
		return destination{}, fmt.Errorf("topic %s: %w", topic, ErrUnroutable)
	}
	return destination{t.Prefix + retry, key}, nil
}

// TopicNames returns the names of the topics, in their order.
func (t Topology) TopicNames() []string {
	names := make([]string, len(t.Topics))
	for i, topic := range t.Topics {
		names[i] = topic.Name
	}
	return names
}

// QueueNames lists every queue without the prefix, in the order of Depths.
func (t Topology) QueueNames() []string {
	var names []string
	for _, spec := range t.specs() {
		names = append(names, strings.TrimPrefix(spec.name, t.Prefix))
	}
	return names
}

// QueueOf names the queue that a topic's messages are published to, without the
// prefix: retry.1s for retry.1s/clicks.
func QueueOf(topic string) string {
	queue, _, _ := strings.Cut(topic, "/")
	return queue
}

func (t Topology) hits() string { return t.Prefix + "hits" }

func (t Topology) queue(topic string) string { return t.Prefix + topic }

// queueSpec is one queue to declare.
type queueSpec struct {
	name      string
	arguments amqp.Table
	// exchange and key bind it.
	exchange, key string
}

func (t Topology) specs() []queueSpec {
	var specs []queueSpec
	for _, topic := range t.Topics {
		for _, key := range []string{topic.Name, t.quarantineOf(topic.Name)} {
			specs = append(specs, queueSpec{
				name: t.queue(key), exchange: t.hits(), key: key,
				arguments: t.arguments(amqp.Table{
					"x-delivery-limit":          int64(deliveryLimit),
					"x-dead-letter-exchange":    t.hits(),
					"x-dead-letter-routing-key": TopicDead,
					"x-dead-letter-strategy":    "at-least-once",
				}),
			})
		}
	}
	specs = append(specs, queueSpec{
		name: t.queue(TopicDead), exchange: t.hits(), key: TopicDead,
		arguments: t.arguments(amqp.Table{"x-delivery-limit": int64(noDeliveryLimit)}),
	})
	for _, delay := range t.allRetryDelays() {
		name := t.Prefix + retryName(delay)
		specs = append(specs, queueSpec{
			name: name, exchange: name,
			// Without a dead-letter routing key the message keeps its own.
			arguments: t.arguments(amqp.Table{
				"x-message-ttl":          delay.Milliseconds(),
				"x-dead-letter-exchange": t.hits(),
				"x-dead-letter-strategy": "at-least-once",
			}),
		})
	}
	return specs
}

// arguments adds the arguments that all queues share.
func (t Topology) arguments(own amqp.Table) amqp.Table {
	maxBytes := t.MaxBytes
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	own["x-queue-type"] = "quorum"
	own["x-overflow"] = "reject-publish"
	own[maxLengthBytes] = maxBytes
	return own
}
