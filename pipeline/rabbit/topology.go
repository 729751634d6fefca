package rabbit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"integr8/pipeline/hit"
)

// TopicDeliveries is the queue of postbacks to publishers.
const TopicDeliveries = "deliveries"

// DefaultMaxBytes is how many bytes of messages a queue holds before it
// refuses more: 8 GiB, about ten million hits.
const DefaultMaxBytes int64 = 8 << 30

// deliveryLimit is how often a message may come back to a work queue before
// the broker gives it up to the dead queue.
const deliveryLimit = 20

// neverGiveUp stands for no delivery limit. RabbitMQ 4 drops a message after
// 20 returns when no limit is set, and only RabbitMQ 4 understands -1; a limit
// that is never reached means the same on every version.
const neverGiveUp = 1_000_000_000

// RetryDelays are the waits before the first, second, ... retry. Each has a
// queue of its own, because messages leave such a queue only at its head.
var RetryDelays = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// Topology is the set of queues and exchanges: a direct exchange hits in
// front of the work queues and the dead queue, beside each work queue one for
// its suspects, and for each retry delay a queue whose messages return to hits
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
	// Queues are further work queues, besides clicks, postbacks and
	// deliveries.
	Queues []string
}

// RetryTopic names the topic to publish to so that the message comes back to
// topic after the delay of the given attempt. Attempts count from 1; those
// beyond the last delay wait as long as the last.
func RetryTopic(topic string, attempt int) string {
	n := min(max(attempt, 1), len(RetryDelays))
	return retryName(RetryDelays[n-1]) + "/" + topic
}

// retryName returns retry.30s, retry.2m, retry.1h.
func retryName(delay time.Duration) string {
	text := delay.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return "retry." + text
}

// destination is where a topic's messages are published.
type destination struct {
	exchange, key string
}

func (t Topology) destination(topic string) (destination, error) {
	retry, key, isRetry := strings.Cut(topic, "/")
	if !isRetry {
		return destination{t.hits(), topic}, nil
	}
	// A retry queue takes any key, and a message with a key that nobody is
	// bound to would never get out of it again.
	if !strings.HasPrefix(retry, "retry.") || !slices.Contains(t.bound(), key) {
		return destination{}, fmt.Errorf("topic %s: %w", topic, ErrUnroutable)
	}
	return destination{t.Prefix + retry, key}, nil
}

// suspects names the topic to which a work queue's messages go that came back
// alone and more than once: one of them may be what ends its workers. There
// they are handled one at a time, so that each return counts against the
// message that was under way, and not against those that a worker had taken
// ahead of it. Empty for a topic that has none.
func (t Topology) suspects(topic string) string {
	if !slices.Contains(t.work(), topic) {
		return ""
	}
	return topic + ".suspects"
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

// bound names the topics behind the exchange hits.
func (t Topology) bound() []string {
	return append(t.work(), hit.TopicDead)
}

func (t Topology) work() []string {
	return append([]string{hit.TopicClicks, hit.TopicPostbacks, TopicDeliveries}, t.Queues...)
}

// queueSpec is one queue to declare.
type queueSpec struct {
	name      string
	arguments amqp.Table
	// exchange and key bind it.
	exchange, key string
}

func (t Topology) specs() []queueSpec {
	var specs []queueSpec
	for _, topic := range t.work() {
		for _, key := range []string{topic, t.suspects(topic)} {
			specs = append(specs, queueSpec{
				name: t.queue(key), exchange: t.hits(), key: key,
				arguments: t.arguments(amqp.Table{
					"x-delivery-limit":          int64(deliveryLimit),
					"x-dead-letter-exchange":    t.hits(),
					"x-dead-letter-routing-key": hit.TopicDead,
					"x-dead-letter-strategy":    "at-least-once",
				}),
			})
		}
	}
	specs = append(specs, queueSpec{
		name: t.queue(hit.TopicDead), exchange: t.hits(), key: hit.TopicDead,
		arguments: t.arguments(amqp.Table{"x-delivery-limit": int64(neverGiveUp)}),
	})
	for _, delay := range RetryDelays {
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

// arguments adds what all queues have in common.
func (t Topology) arguments(own amqp.Table) amqp.Table {
	maxBytes := t.MaxBytes
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	own["x-queue-type"] = "quorum"
	own["x-overflow"] = "reject-publish"
	own["x-max-length-bytes"] = maxBytes
	return own
}
