package rabbit_test

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

// consuming waits until a subscription consumes, or does not.
func consuming(t testing.TB, subscriber *rabbit.Subscriber, topic string, want bool) {
	t.Helper()
	require.Eventually(t, func() bool { return subscriber.Flows()[topic].Consuming == want }, testTimeout, 5*time.Millisecond)
}

// TestAPausedTopicIsNotTakenAndWhatIsInFlightIsSettled: nothing is nacked, and after the
// pause each hit comes once.
func TestAPausedTopicIsNotTakenAndWhatIsInFlightIsSettled(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	pauses := &rabbit.Pauses{}
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Pauses: pauses, IdleCheck: 20 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	before, during := hits(3), hits(5)
	require.NoError(t, publisher.Publish("clicks", before...))
	var inFlight []*message.Message
	for range before {
		inFlight = append(inFlight, receive(t, messages))
	}

	pauses.Set("clicks")
	consuming(t, subscriber, "clicks", false)
	require.NoError(t, publisher.Publish("clicks", during...))
	for _, msg := range inFlight {
		require.True(t, msg.Ack())
	}
	require.Eventually(t, func() bool { return subscriber.Flows()["clicks"].Hits == 0 }, testTimeout, 5*time.Millisecond)
	require.Equal(t, len(during), count(t, topology, "clicks"))

	pauses.Set("postbacks")
	for _, sent := range during {
		got := receive(t, messages)
		require.Equal(t, sent.UUID, got.UUID)
		require.Empty(t, got.Metadata.Get(rabbit.MetadataDeliveryCount), "it was delivered for the first time")
		got.Ack()
	}
	consuming(t, subscriber, "clicks", true)
	require.NoError(t, subscriber.Close())
	left(t, topology, "clicks", 0)
}

// TestTheQuarantineOfAPausedTopicIsNotTakenEither while that of another one is.
func TestTheQuarantineOfAPausedTopicIsNotTakenEither(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	pauses := &rabbit.Pauses{}
	pauses.Set("clicks")
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Pauses: pauses})
	clicks, postbacks := subscribe(t, subscriber, "clicks"), subscribe(t, subscriber, "postbacks")
	require.NoError(t, publisher.Publish("clicks.suspects", hits(1)...))
	for range 2 { // a round of both each
		require.NoError(t, publisher.Publish("postbacks.suspects", hits(1)...))
		receive(t, postbacks).Ack()
	}
	require.Equal(t, 1, count(t, topology, "clicks.suspects"))
	pauses.Set()
	receive(t, clicks).Ack()
	left(t, topology, "clicks.suspects", 0)
}

// TestASubscriptionThatIsPausedEndsAtOnce, and loses nothing.
func TestASubscriptionThatIsPausedEndsAtOnce(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	pauses := &rabbit.Pauses{}
	pauses.Set("clicks")
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Pauses: pauses})
	messages := subscribe(t, subscriber, "clicks")
	require.NoError(t, newPublisher(t, rabbit.PublisherOptions{Topology: topology}).Publish("clicks", hits(1)...))
	require.NoError(t, subscriber.Close())
	ended(t, messages)
	require.Equal(t, 1, count(t, topology, "clicks"))
}
