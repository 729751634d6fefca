package rabbit_test

import (
	"context"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

// declaring is a Subscriber that makes the queues of the suite, whose topics
// have random names.
type declaring struct {
	*rabbit.Subscriber
	t        *testing.T
	topology rabbit.Topology
}

func (d declaring) SubscribeInitialize(topic string) error {
	topology := d.topology
	topology.Topics = topics(topic)
	d.t.Cleanup(func() {
		channel := rawChannel(d.t)
		if _, err := channel.QueueDelete(topology.Prefix+topic, false, false, false); err != nil {
			d.t.Error(err)
		}
	})
	return topology.Declare(context.Background(), rabbittest.URL(d.t))
}

// TestConformance runs Watermill's own suite over our Publisher and Subscriber, with
// batches as in production, and again strictly in order. The suite skips its
// TestReconnect, in which the race detector finds races; our own tests cover a lost
// connection.
func TestConformance(t *testing.T) {
	t.Parallel()
	// A suite's Close must not wait for messages that it never acks.
	const drain = 500 * time.Millisecond
	t.Run("batches", func(t *testing.T) {
		conform(t, tests.Features{Persistent: true},
			rabbit.PublisherOptions{}, rabbit.SubscriberOptions{DrainTimeout: drain})
	})
	t.Run("in order", func(t *testing.T) {
		conform(t, tests.Features{Persistent: true, GuaranteedOrder: true, GuaranteedOrderWithSingleSubscriber: true, ForceShort: true},
			rabbit.PublisherOptions{MaxItems: 1, Outstanding: 1},
			rabbit.SubscriberOptions{Prefetch: 1, MaxHits: 1, DrainTimeout: drain})
	})
}

func conform(t *testing.T, features tests.Features, publishing rabbit.PublisherOptions, subscribing rabbit.SubscriberOptions) {
	topology := declare(t, rabbit.Topology{})
	publishing.Topology, subscribing.Topology = topology, topology
	tests.TestPubSub(t, features, func(t *testing.T) (message.Publisher, message.Subscriber) {
		return newPublisher(t, publishing), declaring{newSubscriber(t, subscribing), t, topology}
	}, func(*testing.T, string) (message.Publisher, message.Subscriber) {
		panic("consumer groups are not supported")
	})
}

var _ message.SubscribeInitializer = declaring{}
