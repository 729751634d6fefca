package rabbit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestBacklogCountsWhatWaitsForATopicsConsumers(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	becomes := func(want rabbit.Backlog) {
		t.Helper()
		want.RetrySpan = 12*time.Minute + 36*time.Second
		require.Eventually(t, func() bool {
			found, err := topology.Backlog(t.Context(), rabbittest.URL(t), "clicks")
			require.NoError(t, err)
			return found == want
		}, testTimeout, 10*time.Millisecond)
	}
	becomes(rabbit.Backlog{})
	require.NoError(t, publisher.Publish("clicks", hits(2)...))
	require.NoError(t, publisher.Publish("clicks.suspects", hits(1)...))
	require.NoError(t, publisher.Publish("postbacks", hits(4)...))
	becomes(rabbit.Backlog{Ready: 3})
	require.NoError(t, publisher.Publish(topology.RetryTopic("postbacks", 5), hits(1)...))
	becomes(rabbit.Backlog{Ready: 3, Retrying: 1})

	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	becomes(rabbit.Backlog{Retrying: 1, Consumers: 1})
	for range 3 {
		require.True(t, receive(t, messages).Ack())
	}
	becomes(rabbit.Backlog{Retrying: 1, Consumers: 1})
}

func TestBacklogOfAMissingQueueNamesTheCommandThatMakesIt(t *testing.T) {
	t.Parallel()
	_, err := rabbit.Topology{Prefix: "never.declared.", Topics: topics("clicks")}.Backlog(t.Context(), rabbittest.URL(t), "clicks")
	require.ErrorContains(t, err, "queue never.declared.clicks is missing: run `integr8 topology`")
}
