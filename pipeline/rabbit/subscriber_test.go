package rabbit_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// ended waits until a subscription's channel is closed, without any message.
func ended(t testing.TB, messages <-chan *message.Message) {
	t.Helper()
	select {
	case msg, open := <-messages:
		require.False(t, open, "a message after the end: %v", msg)
	case <-time.After(testTimeout):
		require.FailNow(t, "the subscription did not end")
	}
}

// left waits until a queue holds n AMQP messages that no consumer holds.
func left(t testing.TB, topology rabbit.Topology, topic string, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return count(t, topology, topic) == n }, testTimeout, 20*time.Millisecond)
}

func TestHitsOfABatchAreSettledOneByOne(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(5)
	require.NoError(t, publisher.Publish("clicks", sent...))
	require.Equal(t, 1, count(t, topology, "clicks"), "one AMQP message")

	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	messages := subscribe(t, subscriber, "clicks")
	batch := make([]*message.Message, len(sent))
	for i := range batch {
		batch[i] = receive(t, messages)
		require.Equal(t, sent[i].UUID, batch[i].UUID, "in order")
	}
	flow := subscriber.Flows()["clicks"]
	require.Equal(t, []int{1, 5}, []int{flow.Messages, flow.Hits})
	batch[2].Metadata.Set("number", "changed by the handler")
	for i, msg := range batch {
		if i == 2 {
			require.True(t, msg.Nack())
		} else {
			require.True(t, msg.Ack())
		}
	}
	again := receive(t, messages)
	require.True(t, again.Equals(sent[2]), "a nacked hit comes back as it was, alone")
	require.Empty(t, again.Metadata.Get(rabbit.MetadataDeliveryCount), "it was published anew")
	again.Ack()
}

func TestWhatWasAckedDoesNotComeBackAndTheRestDoes(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	sent := hits(4)
	for _, msg := range sent {
		require.NoError(t, publisher.Publish("clicks", msg))
	}
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: 100 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	got := []*message.Message{receive(t, messages), receive(t, messages), receive(t, messages)}
	got[0].Ack()
	got[2].Ack() // beyond one that is not settled
	require.NoError(t, subscriber.Close())
	ended(t, messages)
	left(t, topology, "clicks", 2)

	messages = subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for _, want := range []*message.Message{sent[1], sent[3]} {
		msg := receive(t, messages)
		require.Equal(t, want.UUID, msg.UUID)
		require.Equal(t, "1", msg.Metadata.Get(rabbit.MetadataDeliveryCount))
		msg.Ack()
	}
}

func TestAHitNackedAtTheEndStaysInItsQueue(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(3)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	ctx, cancel := context.WithCancel(t.Context())
	messages, err := subscriber.Subscribe(ctx, "clicks")
	require.NoError(t, err)
	batch := []*message.Message{receive(t, messages), receive(t, messages), receive(t, messages)}
	cancel()
	ended(t, messages)
	batch[0].Ack()
	batch[1].Nack()
	batch[2].Ack()
	left(t, topology, "clicks", 1)

	messages = subscribe(t, subscriber, "clicks")
	for range 3 {
		receive(t, messages).Ack() // the others of its batch may be delivered again with it
	}
	require.NoError(t, subscriber.Close())
	left(t, topology, "clicks", 0)
}

func TestHitsUnderWayCanBeAckedAfterTheSubscriptionHasEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(cancel context.CancelFunc, subscriber *rabbit.Subscriber){
		"by its context": func(cancel context.CancelFunc, _ *rabbit.Subscriber) { cancel() },
		"by Close":       func(_ context.CancelFunc, subscriber *rabbit.Subscriber) { go func() { _ = subscriber.Close() }() },
	} {
		t.Run(name, func(t *testing.T) {
			topology := declare(t, rabbit.Topology{})
			publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
			require.NoError(t, publisher.Publish("clicks", hits(2)...))
			subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: testTimeout})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			messages, err := subscriber.Subscribe(ctx, "clicks")
			require.NoError(t, err)
			first, second := receive(t, messages), receive(t, messages)
			end(cancel, subscriber)
			ended(t, messages)
			require.NoError(t, first.Context().Err(), "a handler may finish its work")
			first.Ack()
			second.Ack()
			require.NoError(t, subscriber.Close())
			left(t, topology, "clicks", 0)
		})
	}
}

type contextKey struct{}

func TestAMessageContextLivesAsLongAsItsWork(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	require.NoError(t, publisher.Publish("clicks", hits(2)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: 200 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "value"))
	messages, err := subscriber.Subscribe(ctx, "clicks")
	require.NoError(t, err)
	acked, abandoned := receive(t, messages), receive(t, messages)
	require.Equal(t, "value", acked.Context().Value(contextKey{}))
	require.NoError(t, acked.Context().Err())
	acked.Ack()
	over(t, acked.Context(), "when the message is settled")
	cancel()
	ended(t, messages)
	require.NoError(t, abandoned.Context().Err(), "the end of the subscription does not end the work")
	over(t, abandoned.Context(), "when the drain is over")
}

func over(t testing.TB, ctx context.Context, when string) {
	t.Helper()
	select {
	case <-ctx.Done():
	case <-time.After(testTimeout):
		require.FailNow(t, "the context should end "+when)
	}
}

func TestNoMoreHitsAreHandedOutThanAllowed(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(10)
	require.NoError(t, publisher.Publish("clicks", sent...))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, MaxHits: 2}), "clicks")
	under := []*message.Message{receive(t, messages), receive(t, messages)}
	for _, want := range sent[2:] {
		select {
		case msg := <-messages:
			require.FailNow(t, "a third hit is given out: "+msg.UUID)
		case <-time.After(20 * time.Millisecond):
		}
		under[0].Ack()
		msg := receive(t, messages)
		require.Equal(t, want.UUID, msg.UUID)
		under = append(under[1:], msg)
	}
	under[0].Ack()
	under[1].Ack()
}

func TestNoMoreBytesAreHandedOutThanAllowed(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	var sent []*message.Message
	for _, size := range []int{600, 600, 100, 100, 5000, 100} {
		sent = append(sent, message.NewMessage(watermill.NewUUID(), make([]byte, size)))
	}
	require.NoError(t, publisher.Publish("clicks", sent...))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, MaxHits: 100, MaxBytes: 1000}), "clicks")
	none := func() {
		t.Helper()
		select {
		case msg := <-messages:
			require.FailNow(t, "a hit is given out that does not fit", "%d bytes", len(msg.Payload))
		case <-time.After(20 * time.Millisecond):
		}
	}
	first := receive(t, messages)
	none()
	first.Payload = nil // a change by the handler has no effect
	first.Ack()
	second, third, fourth := receive(t, messages), receive(t, messages), receive(t, messages)
	none()
	second.Ack()
	third.Ack()
	none()
	fourth.Ack()
	large := receive(t, messages)
	require.Len(t, large.Payload, 5000, "one that is larger than all is given out alone")
	none()
	large.Ack()
	receive(t, messages).Ack()
}

func TestWhatIsTakenAheadStaysPackedUntilThereIsRoomForIt(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	for range 10 {
		require.NoError(t, publisher.Publish("clicks", hits(2)...))
	}
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, MaxHits: 2})
	messages := subscribe(t, subscriber, "clicks")
	under := []*message.Message{receive(t, messages), receive(t, messages)}
	left(t, topology, "clicks", 0) // all ten were taken
	for settled := 2; settled <= 20; settled += 2 {
		// The current one, the next, and the previous one, whose acks may not have arrived.
		require.LessOrEqual(t, subscriber.Flows()["clicks"].Messages, 3)
		under[0].Ack()
		under[1].Ack()
		if settled < 20 {
			under = []*message.Message{receive(t, messages), receive(t, messages)}
		}
	}
}

func TestASlowHitDoesNotHoldUpTheQueue(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1, Outstanding: 1})
	require.NoError(t, publisher.Publish("clicks", hits(100)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 4})
	messages := subscribe(t, subscriber, "clicks")
	slow := receive(t, messages)
	for range 99 {
		receive(t, messages).Ack()
	}
	slow.Ack()
	require.NoError(t, subscriber.Close())
	left(t, topology, "clicks", 0)
}

func TestOneSubscriberKeepsTheOrder(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, Outstanding: 1})
	var sent []*message.Message
	for n := range 20 {
		batch := hits(1 + n*37%200) // some alone, some in several batches
		require.NoError(t, publisher.Publish("clicks", batch...))
		sent = append(sent, batch...)
	}
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for i, want := range sent {
		msg := receive(t, messages)
		require.Equal(t, want.UUID, msg.UUID, "message %d", i)
		msg.Ack()
	}
}

func TestACloseEndsEverySubscription(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	clicks, postbacks := subscribe(t, subscriber, "clicks"), subscribe(t, subscriber, "postbacks")
	var closes sync.WaitGroup
	for range 3 {
		closes.Go(func() {
			if err := subscriber.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	closes.Wait()
	ended(t, clicks)
	ended(t, postbacks)
	_, err := subscriber.Subscribe(t.Context(), "clicks")
	require.ErrorIs(t, err, rabbit.ErrClosed)
	require.Equal(t, failure.Shutdown, failure.Of(err))
}

func TestSubscribingToNoQueueIsRefused(t *testing.T) {
	t.Parallel()
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{})
	for _, topic := range []string{"", "retry.1s/clicks"} {
		_, err := subscriber.Subscribe(t.Context(), topic)
		require.ErrorContains(t, err, "not the name of a queue")
	}
}
