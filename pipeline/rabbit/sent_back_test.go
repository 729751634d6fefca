package rabbit_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestABatchThatIsRedeliveredTwiceIsPublishedHitByHit(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	proxy := rabbittest.NewProxy(t)
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.URL, Topology: topology})
	messages := subscribe(t, subscriber, "postbacks")
	for _, count := range []string{"", "1"} {
		for range sent {
			require.Equal(t, count, receive(t, messages).Metadata.Get(rabbit.MetadataDeliveryCount)) // and the worker dies
		}
		proxy.Break()
	}
	alone := make([]*message.Message, len(sent))
	for i, want := range sent {
		alone[i] = receive(t, messages)
		require.True(t, alone[i].Equals(want), "as it was, and as if it were new")
	}
	flow := subscriber.Flows()["postbacks"]
	require.Equal(t, []int{1 + 1 + 3, 3 + 3 + 3}, []int{flow.Messages, flow.Hits}, "each alone, beside the two batches that were cut off")
	require.EqualValues(t, 2, flow.Redelivered, "the batch, after each break")
	for _, msg := range alone {
		msg.Ack()
	}
	left(t, topology, "postbacks", 0)
}

func TestABatchThatCannotBeIsolatedIsHandledAsItIs(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{MaxBytes: 300})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	returnOften(t, topology.Prefix+"postbacks", 1)
	delivery, found, err := rawChannel(t).Get(topology.Prefix+"postbacks", false)
	require.NoError(t, err)
	require.True(t, found)
	fill(t, publisher, "postbacks") // the batch is not published but requeued, which a full queue accepts
	require.NoError(t, delivery.Reject(true))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 1}), "postbacks")
	returns := func(msg *message.Message) string {
		require.True(t, msg.Ack())
		return msg.Metadata.Get(rabbit.MetadataDeliveryCount)
	}
	require.Equal(t, []string{"2", "2", "2"}, outcomes(t, messages, sent, returns))
}

// fill publishes until the queue is full.
func fill(t testing.TB, publisher *rabbit.Publisher, topic string) {
	t.Helper()
	for range 100 {
		if err := publisher.Publish(topic, hits(1)...); err != nil {
			require.ErrorIs(t, err, rabbit.ErrNacked)
			return
		}
	}
	require.FailNow(t, "the queue does not get full")
}

func TestAHitThatAFullQueueDoesNotTakeBackIsNotLost(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{MaxBytes: 300})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 1}), "postbacks")
	batch := []*message.Message{receive(t, messages), receive(t, messages), receive(t, messages)}
	fill(t, publisher, "postbacks")
	for _, msg := range batch {
		require.True(t, msg.Nack())
	}
	returns := func(msg *message.Message) string {
		require.True(t, msg.Ack())
		return msg.Metadata.Get(rabbit.MetadataDeliveryCount)
	}
	require.Equal(t, []string{"1", "1", "1"}, outcomes(t, messages, sent, returns), "the whole batch is back")
}

// outcomes handles messages until all wanted ones have come, and returns the outcome
// of each, in the order of wanted.
func outcomes(t testing.TB, messages <-chan *message.Message, want []*message.Message, handle func(*message.Message) string) []string {
	t.Helper()
	got := map[string]string{}
	var answers []string
	for _, wanted := range want {
		answer, come := got[wanted.UUID]
		for ; !come; answer, come = got[wanted.UUID] {
			msg := receive(t, messages)
			got[msg.UUID] = handle(msg)
		}
		answers = append(answers, answer)
	}
	return answers
}
