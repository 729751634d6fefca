package rabbit_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestSubscriberGoesOnAfterTheConnectionIsLost(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	proxy := rabbittest.NewProxy(t)
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.URL, Topology: topology}), "clicks")
	for round := range 3 {
		want := hits(1)[0]
		require.NoError(t, publisher.Publish("clicks", want))
		first := receive(t, messages)
		if round == 1 {
			proxy.Refuse()
			proxy.Pass()
		} else {
			proxy.Break()
		}
		again := receive(t, messages) // with no empty message in between
		require.Equal(t, want.UUID, first.UUID)
		require.Equal(t, want.UUID, again.UUID)
		require.Equal(t, "1", again.Metadata.Get(rabbit.MetadataDeliveryCount))
		require.NoError(t, first.Context().Err(), "the work on a lost delivery is not torn down")
		first.Ack() // too late, and harmless
		again.Ack()
		over(t, first.Context(), "when the message is settled")
		over(t, again.Context(), "when the message is settled")
	}
	left(t, topology, "clicks", 0)
}

func TestSubscriberNoticesABrokerThatHangs(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.URL, Topology: topology, DrainTimeout: 100 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	receive(t, messages)
	proxy.Hang()
	within(t, testTimeout, func() { require.NoError(t, subscriber.Close()) })
	ended(t, messages)
}

// syncBuffer is a log that a test reads while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

func TestSubscriberWaitsForAQueueThatIsMissing(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	channel := rawChannel(t)
	_, err := channel.QueueDelete(topology.Prefix+"clicks", false, false, false)
	require.NoError(t, err)
	var log syncBuffer
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Logger: slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil))})
	messages := subscribe(t, subscriber, "clicks")
	missing := "queue " + topology.Prefix + "clicks is missing: run `integr8 topology`"
	require.Eventually(t, func() bool { return strings.Contains(log.String(), missing) }, testTimeout, time.Millisecond)

	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	for range 2 {
		require.NoError(t, topology.Declare(t.Context(), rabbittest.URL(t)))
		require.NoError(t, publisher.Publish("clicks", hits(1)...))
		receive(t, messages).Ack()
		told := strings.Count(log.String(), missing)
		_, err = channel.QueueDelete(topology.Prefix+"clicks", false, false, false)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Count(log.String(), missing) > told }, testTimeout, time.Millisecond)
	}
	require.Contains(t, log.String(), "cancelled the consumer")
	require.NoError(t, topology.Declare(t.Context(), rabbittest.URL(t)))
	require.Equal(t, 3, strings.Count(log.String(), missing), "told when the error changes, not at every attempt")
}

func TestSubscriberNoticesThatItsQueueDeliversNothing(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 1, IdleCheck: 50 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	channel := rawChannel(t)
	for range 5 {
		for range 3 {
			require.NoError(t, publisher.Publish("clicks", hits(1)...))
		}
		for range 3 {
			receive(t, messages).Ack()
		}
		_, err := channel.QueueDelete(topology.Prefix+"clicks", false, false, false)
		require.NoError(t, err)
		require.NoError(t, topology.Declare(t.Context(), rabbittest.URL(t)), "in the same moment")
	}
}

func TestSubscriberClosesThoughItNeverConnected(t *testing.T) {
	t.Parallel()
	proxy := rabbittest.NewProxy(t)
	proxy.Refuse()
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.URL})
	messages := subscribe(t, subscriber, "clicks")
	within(t, 5*time.Second, func() { require.NoError(t, subscriber.Close()) })
	ended(t, messages)
}
