package rabbit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

// rawChannel is a plain AMQP channel, which bypasses Publisher and Subscriber.
func rawChannel(t testing.TB) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(rabbittest.URL(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	channel, err := conn.Channel()
	require.NoError(t, err)
	return channel
}

func TestTopologyCanBeDeclaredAgain(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{Topics: topics("clicks", "postbacks", "deliveries", "more")})
	require.NoError(t, topology.Check(t.Context(), rabbittest.URL(t)))
	require.NoError(t, topology.Declare(t.Context(), rabbittest.URL(t)))

	depths, err := topology.Depths(t.Context(), rabbittest.URL(t))
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

func TestAMissingTopologyNamesTheCommandThatMakesIt(t *testing.T) {
	t.Parallel()
	url := rabbittest.URL(t)
	require.ErrorContains(t, rabbit.Topology{Prefix: "never.declared.", Topics: topics("clicks")}.Check(t.Context(), url),
		"exchange never.declared.hits is missing: run `integr8 topology`")
	_, err := rabbit.Topology{Prefix: "never.declared.", Topics: topics("clicks")}.Depths(t.Context(), url)
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

func TestAQueueWithOtherArgumentsIsReportedAndNotChanged(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	changed := topology
	changed.MaxBytes = 1 << 20
	err := changed.Declare(t.Context(), rabbittest.URL(t))
	require.ErrorContains(t, err, "queue "+topology.Prefix+"clicks exists with other arguments")
	require.ErrorContains(t, err, "rabbitmqctl delete_queue "+topology.Prefix+"clicks")
	require.ErrorContains(t, err, "x-max-length-bytes", "the broker's own words")
}

func TestTopologyGivesUpWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	proxy := rabbittest.NewProxy(t)
	proxy.Hang()
	defer proxy.Pass()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	within(t, 5*time.Second, func() {
		require.ErrorIs(t, rabbit.Topology{}.Declare(ctx, proxy.URL), context.DeadlineExceeded)
	})
}

func TestRetryTopicNamesTheDelayOfTheAttempt(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]string{
		-1: "retry.1s/clicks", 0: "retry.1s/clicks", 1: "retry.1s/clicks", 2: "retry.5s/clicks", 3: "retry.30s/clicks",
		4: "retry.2m/clicks", 5: "retry.10m/clicks", 6: "retry.10m/clicks", 1000: "retry.10m/clicks",
	} {
		require.Equal(t, want, rabbit.Topology{}.RetryTopic("clicks", attempt), "attempt %d", attempt)
	}
	topology := rabbit.Topology{
		Topics:      []rabbit.Topic{{Name: "own", RetryDelays: []time.Duration{time.Minute, time.Hour}}, {Name: "common"}},
		RetryDelays: []time.Duration{time.Second},
	}
	require.Equal(t, "retry.1m/own", topology.RetryTopic("own", 1))
	require.Equal(t, "retry.1h/own", topology.RetryTopic("own", 3))
	require.Equal(t, "retry.1s/common", topology.RetryTopic("common", 2))
	require.Equal(t, "retry.1s/dead", topology.RetryTopic("dead", 2))
}

func TestTopicsShareTheQueueOfADelay(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{
		Topics: []rabbit.Topic{
			{Name: "slow", RetryDelays: []time.Duration{time.Hour, time.Second}},
			{Name: "fast", RetryDelays: []time.Duration{10 * time.Millisecond, time.Second}},
		},
		RetryDelays: []time.Duration{time.Second, 2 * time.Second},
	})
	require.NoError(t, topology.Check(t.Context(), rabbittest.URL(t)))
	require.Equal(t, []string{"slow", "slow.suspects", "fast", "fast.suspects", "dead",
		"retry.10ms", "retry.1s", "retry.2s", "retry.1h"}, topology.QueueNames())
}

func TestARetriedHitComesBackUnderItsOwnKeyAfterTheDelay(t *testing.T) {
	t.Parallel()
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
		require.NoError(t, publisher.Publish(topology.RetryTopic(topic, 1), batch...))
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
			require.NoError(t, publisher.Publish(topology.RetryTopic(topic, 1), msg), "and round again")
			msg.Ack()
		}
		for _, id := range ids {
			msg := receive(t, messages)
			require.Equal(t, id, msg.UUID)
			msg.Ack()
		}
	}
}

// returnOften takes the next message of a queue and requeues it n times.
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
		}, testTimeout, time.Millisecond)
	}
}

func TestAHitThatComesBackTooOftenIsDeadLetteredWithTheReason(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(1)[0]
	require.NoError(t, publisher.Publish(topology.RetryTopic("postbacks", 1), sent)) // it had a retry before
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
	t.Parallel()
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

func TestABrokerThatCannotBeReachedIsNamedOnce(t *testing.T) {
	t.Parallel()
	err := rabbit.Topology{}.Check(t.Context(), "amqp://joe:secret-word@127.0.0.1:1/")
	require.ErrorIs(t, err, rabbit.ErrUnavailable)
	require.Equal(t, failure.Outage, failure.Of(err))
	require.Equal(t, 1, strings.Count(err.Error(), "127.0.0.1:1"), err.Error())
	require.ErrorContains(t, err, "connect to 127.0.0.1:1: connect: connection refused")
	require.NotContains(t, err.Error(), "secret-word")
}
