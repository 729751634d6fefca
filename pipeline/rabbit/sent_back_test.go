package rabbit_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

func TestABatchThatComesBackTwiceIsTakenApart(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	proxy := newProxy(t)
	var seen receipts
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.url, Topology: topology, Observe: seen.observe}), "postbacks")
	for range 2 {
		for range sent {
			receive(t, messages) // and the worker dies
		}
		proxy.cut()
	}
	for _, want := range sent {
		msg := receive(t, messages)
		require.True(t, msg.Equals(want), "each alone, as it was, and as if it were new")
		msg.Ack()
	}
	shapes := [][2]int{}
	for _, receipt := range seen.all() {
		shapes = append(shapes, [2]int{receipt.Hits, int(receipt.Returns)})
	}
	require.Equal(t, [][2]int{{3, 0}, {3, 1}, {3, 2}, {1, 0}, {1, 0}, {1, 0}}, shapes)
	left(t, topology, "postbacks", 0)
}

func TestABatchThatCannotBeTakenApartIsHandledAllTheSame(t *testing.T) {
	topology := declare(t, rabbit.Topology{MaxBytes: 300})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	returnOften(t, topology.Prefix+"postbacks", 1)
	delivery, found, err := rawChannel(t).Get(topology.Prefix+"postbacks", false)
	require.NoError(t, err)
	require.True(t, found)
	fill(t, publisher, "postbacks") // without the batch, which needs no room to return
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
			require.ErrorIs(t, err, rabbit.ErrRefused)
			return
		}
	}
	require.FailNow(t, "the queue does not get full")
}

func TestAHitThatAFullQueueDoesNotTakeBackIsNotLost(t *testing.T) {
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

// outcomes handles messages until all of the wanted ones have come, and tells
// what became of those, in the order in which they are wanted.
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
