package rabbit_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

// serveStatus has a process say something until the result is called.
func serveStatus(t *testing.T, publisher *rabbit.Publisher, says string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { publisher.ServeStatus(ctx, func(context.Context) []byte { return []byte(says) }) })
	stop = func() { cancel(); serving.Wait() }
	t.Cleanup(stop)
	return stop
}

// survey waits for so many statuses and returns them in order.
func survey(t *testing.T, topology rabbit.Topology, statuses int) (says []string) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := topology.Survey(t.Context(), brokerURL(t), func(s rabbit.Survey) bool { return len(s.Statuses) >= statuses })
		require.NoError(t, err)
		require.NoError(t, found.Unasked)
		says = nil
		for _, status := range found.Statuses {
			says = append(says, string(status))
		}
		return len(says) == statuses
	}, patience, 10*time.Millisecond)
	slices.Sort(says)
	return says
}

func TestASurveyReachesEveryProcessOfItsOwnSystem(t *testing.T) {
	topology, other := declare(t, rabbit.Topology{}), declare(t, rabbit.Topology{})
	require.Empty(t, survey(t, topology, 0))
	stop := serveStatus(t, newPublisher(t, rabbit.PublisherOptions{Topology: topology}), "a")
	serveStatus(t, newPublisher(t, rabbit.PublisherOptions{Topology: topology}), "b")
	serveStatus(t, newPublisher(t, rabbit.PublisherOptions{Topology: other}), "c")
	require.Equal(t, []string{"a", "b"}, survey(t, topology, 2))
	require.Equal(t, []string{"a", "b"}, survey(t, topology, 2), "again")
	stop()
	require.Equal(t, []string{"b"}, survey(t, topology, 1))
}

func TestASurveyEndsWithoutAProcessThatHangs(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan struct{}, 100)
	var serving sync.WaitGroup
	serving.Go(func() {
		publisher.ServeStatus(ctx, func(ctx context.Context) []byte {
			asked <- struct{}{}
			<-ctx.Done()
			return nil
		})
	})
	defer serving.Wait()
	defer cancel()
	require.Eventually(t, func() bool {
		found, err := topology.Survey(t.Context(), brokerURL(t), func(rabbit.Survey) bool { return len(asked) == 0 })
		require.NoError(t, err)
		require.Empty(t, found.Statuses)
		require.Contains(t, found.Depths, rabbit.Depth{Queue: topology.Prefix + "clicks"})
		return len(asked) > 0
	}, patience, time.Millisecond)
}

func TestAProcessLooksIntoAFewQuestionsAtOnce(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	open := make(chan struct{})
	var now, most atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		publisher.ServeStatus(ctx, func(ctx context.Context) []byte {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			select {
			case <-open:
			case <-ctx.Done():
			}
			return []byte("a")
		})
	})
	defer serving.Wait()
	defer cancel()
	require.Eventually(t, func() bool { // each is one more question
		found, err := topology.Survey(t.Context(), brokerURL(t), func(rabbit.Survey) bool { return true })
		require.NoError(t, err)
		require.Empty(t, found.Statuses)
		return now.Load() == 4
	}, patience, time.Millisecond)
	for range 3 {
		_, err := topology.Survey(t.Context(), brokerURL(t), func(rabbit.Survey) bool { return true })
		require.NoError(t, err)
	}
	close(open)
	require.Equal(t, []string{"a"}, survey(t, topology, 1))
	require.EqualValues(t, 4, most.Load())
}

func TestFlowsCountTheHitsThatAreGivenOut(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, Outstanding: 1})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	require.Empty(t, subscriber.Flows())
	messages := subscribe(t, subscriber, "clicks")
	flow := func() rabbit.Flow { return subscriber.Flows()["clicks"] }
	require.Eventually(t, func() bool { return flow().Consuming }, patience, time.Millisecond)
	require.Zero(t, flow().Hits)

	old, err := uuid.Parse(strings.ToLower("0191F0A0-0000-7000-8000-000000000000")) // of 2024-09-14
	require.NoError(t, err)
	batch := hits(3)
	batch[0] = message.NewMessage(old.String(), []byte("old"))
	require.NoError(t, publisher.Publish("clicks", batch...))
	require.InDelta(t, 3, publisher.HitsPerMessage()["clicks"], 0.001)
	first, second, third := receive(t, messages), receive(t, messages), receive(t, messages)
	now := flow()
	require.Equal(t, 1, now.Messages)
	require.Equal(t, 3, now.Hits)
	require.InDelta(t, 3, now.HitsPerMessage, 0.001)
	require.Equal(t, "2024-09-14", now.Oldest.UTC().Format(time.DateOnly))
	require.True(t, first.Ack())
	require.True(t, second.Ack())
	require.Equal(t, 3, flow().Hits, "the message is not settled")
	require.True(t, third.Ack())
	require.Eventually(t, func() bool { return flow().Hits == 0 }, patience, time.Millisecond)
	require.Zero(t, flow().Messages)
	require.Zero(t, flow().Still)
	require.True(t, flow().Oldest.IsZero())
	require.Eventually(t, func() bool { return subscriber.Flows()["clicks.suspects"].Consuming }, patience, time.Millisecond)
}
