package rabbit_test

import (
	"context"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

// rawChannel is a plain AMQP channel, for what a test does behind our back.
func rawChannel(t testing.TB) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(brokerURL(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	channel, err := conn.Channel()
	require.NoError(t, err)
	return channel
}

func TestTopologyCanBeDeclaredAgain(t *testing.T) {
	topology := declare(t, rabbit.Topology{Queues: []string{"more"}})
	require.NoError(t, topology.Check(t.Context(), brokerURL(t)))
	require.NoError(t, topology.Declare(t.Context(), brokerURL(t)))

	depths, err := topology.Depths(t.Context(), brokerURL(t))
	require.NoError(t, err)
	var queues []string
	for _, depth := range depths {
		queues = append(queues, depth.Queue[len(topology.Prefix):])
		require.Zero(t, depth.Messages)
		require.Zero(t, depth.Consumers)
	}
	require.Equal(t, []string{
		"clicks", "clicks.suspects", "postbacks", "postbacks.suspects", "deliveries", "deliveries.suspects",
		"more", "more.suspects", "dead", "retry.1s", "retry.5s", "retry.30s", "retry.2m", "retry.10m",
	}, queues)
}

func TestAMissingTopologyIsToldWithTheCommandThatMakesIt(t *testing.T) {
	url := brokerURL(t)
	require.ErrorContains(t, rabbit.Topology{Prefix: "never.declared."}.Check(t.Context(), url),
		"exchange never.declared.hits is missing: run `integr8 topology`")
	_, err := rabbit.Topology{Prefix: "never.declared."}.Depths(t.Context(), url)
	require.ErrorContains(t, err, "queue never.declared.clicks is missing: run `integr8 topology`")

	topology := declare(t, rabbit.Topology{})
	channel := rawChannel(t)
	_, err = channel.QueueDelete(topology.Prefix+"postbacks", false, false, false)
	require.NoError(t, err)
	require.ErrorContains(t, topology.Check(t.Context(), url), "queue "+topology.Prefix+"postbacks is missing")
	require.NoError(t, channel.ExchangeDelete(topology.Prefix+"retry.5s", false, false))
	require.NoError(t, topology.Declare(t.Context(), url), "what is missing is made again")
	require.NoError(t, topology.Check(t.Context(), url))
}

func TestAQueueWithOtherArgumentsIsLeftAloneAndTold(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	changed := topology
	changed.MaxBytes = 1 << 20
	err := changed.Declare(t.Context(), brokerURL(t))
	require.ErrorContains(t, err, "queue "+topology.Prefix+"clicks exists with other arguments")
	require.ErrorContains(t, err, "rabbitmqctl delete_queue "+topology.Prefix+"clicks")
	require.ErrorContains(t, err, "x-max-length-bytes", "the broker's own words")
}

func TestTopologyGivesUpWhenItsContextEnds(t *testing.T) {
	proxy := newProxy(t)
	proxy.hang()
	defer proxy.resume()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	within(t, 5*time.Second, func() {
		require.ErrorIs(t, rabbit.Topology{}.Declare(ctx, proxy.url), context.DeadlineExceeded)
	})
}

func TestRetryTopicNamesTheDelayOfTheAttempt(t *testing.T) {
	for attempt, want := range map[int]string{
		-1: "retry.1s/clicks", 0: "retry.1s/clicks", 1: "retry.1s/clicks", 2: "retry.5s/clicks", 3: "retry.30s/clicks",
		4: "retry.2m/clicks", 5: "retry.10m/clicks", 6: "retry.10m/clicks", 1000: "retry.10m/clicks",
	} {
		require.Equal(t, want, rabbit.RetryTopic("clicks", attempt), "attempt %d", attempt)
	}
}

func TestARetriedHitComesBackUnderItsOwnKeyAfterTheDelay(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	sent := map[string][]string{}
	start := time.Now()
	for _, topic := range []string{"postbacks", "clicks", "dead"} {
		batch := hits(3)
		for _, msg := range batch {
			sent[topic] = append(sent[topic], msg.UUID)
		}
		require.NoError(t, publisher.Publish(rabbit.RetryTopic(topic, 1), batch...))
	}
	for topic, ids := range sent {
		messages := subscribe(t, subscriber, topic)
		for _, id := range ids {
			msg := receive(t, messages)
			require.GreaterOrEqual(t, time.Since(start), time.Second)
			require.Equal(t, id, msg.UUID)
			require.Equal(t, "expired", msg.Metadata.Get(rabbit.MetadataFirstDeathReason))
			require.Equal(t, "retry.1s", msg.Metadata.Get(rabbit.MetadataFirstDeathQueue))
			require.Equal(t, "expired", msg.Metadata.Get(rabbit.MetadataLastDeathReason))
			require.Equal(t, "retry.1s", msg.Metadata.Get(rabbit.MetadataLastDeathQueue))
			require.NoError(t, publisher.Publish(rabbit.RetryTopic(topic, 1), msg), "and round again")
			msg.Ack()
		}
		for _, id := range ids {
			msg := receive(t, messages)
			require.Equal(t, id, msg.UUID)
			msg.Ack()
		}
	}
}

// returnOften takes the next message of a queue and gives it back n times.
func returnOften(t testing.TB, queue string, n int) {
	t.Helper()
	channel := rawChannel(t)
	for range n {
		require.Eventually(t, func() bool {
			delivery, found, err := channel.Get(queue, false)
			require.NoError(t, err)
			if found {
				require.NoError(t, delivery.Reject(true))
			}
			return found
		}, patience, time.Millisecond)
	}
}

func TestAHitThatComesBackTooOftenIsDeadLetteredWithTheReason(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(1)[0]
	require.NoError(t, publisher.Publish(rabbit.RetryTopic("postbacks", 1), sent)) // it had a retry before
	returnOften(t, topology.Prefix+"postbacks", 21)

	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "dead")
	msg := receive(t, messages)
	require.Equal(t, sent.UUID, msg.UUID)
	require.Equal(t, sent.Payload, msg.Payload)
	require.Equal(t, "expired", msg.Metadata.Get(rabbit.MetadataFirstDeathReason))
	require.Equal(t, "delivery_limit", msg.Metadata.Get(rabbit.MetadataLastDeathReason))
	require.Equal(t, "postbacks", msg.Metadata.Get(rabbit.MetadataLastDeathQueue))
	msg.Ack()
}

func TestTheDeadQueueNeverGivesUpAHit(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(1)[0]
	require.NoError(t, publisher.Publish("dead", sent))
	returnOften(t, topology.Prefix+"dead", 100)

	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "dead")
	msg := receive(t, messages)
	require.Equal(t, sent.UUID, msg.UUID)
	require.Equal(t, "100", msg.Metadata.Get(rabbit.MetadataDeliveryCount))
	msg.Ack()
}
