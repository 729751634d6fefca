package rabbit_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

// serveStatus runs a process that sends a status until the returned function is called.
func serveStatus(t *testing.T, topology rabbit.Topology, status string) (stop func()) {
	t.Helper()
	return serveStatusBy(t, topology, func(context.Context) []byte { return []byte(status) })
}

func serveStatusBy(t *testing.T, topology rabbit.Topology, status func(context.Context) []byte) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := topology.ServeStatus(ctx, rabbit.StatusOptions{URL: rabbittest.URL(t)}, status); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); serving.Wait() }
	t.Cleanup(stop)
	return stop
}

// survey waits for so many statuses and returns them in order.
func survey(t *testing.T, topology rabbit.Topology, statuses int) (says []string) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := topology.Survey(t.Context(), rabbittest.URL(t), func(s rabbit.Survey) bool { return len(s.Statuses) >= statuses })
		require.NoError(t, err)
		require.NoError(t, found.Unasked)
		says = nil
		for _, status := range found.Statuses {
			says = append(says, string(status))
		}
		return len(says) == statuses
	}, testTimeout, 10*time.Millisecond)
	slices.Sort(says)
	return says
}

func TestASurveyReachesEveryProcessOfItsOwnSystem(t *testing.T) {
	t.Parallel()
	topology, other := declare(t, rabbit.Topology{}), declare(t, rabbit.Topology{})
	require.Empty(t, survey(t, topology, 0))
	stop := serveStatus(t, topology, "a")
	serveStatus(t, topology, "b")
	serveStatus(t, other, "c")
	require.Equal(t, []string{"a", "b"}, survey(t, topology, 2))
	require.Equal(t, []string{"a", "b"}, survey(t, topology, 2), "again")
	stop()
	require.Equal(t, []string{"b"}, survey(t, topology, 1))
}

func TestASurveyEndsWithoutAProcessThatHangs(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	asked := make(chan struct{}, 100)
	serveStatusBy(t, topology, func(ctx context.Context) []byte {
		asked <- struct{}{}
		<-ctx.Done()
		return nil
	})
	require.Eventually(t, func() bool {
		found, err := topology.Survey(t.Context(), rabbittest.URL(t), func(rabbit.Survey) bool { return len(asked) == 0 })
		require.NoError(t, err)
		require.Empty(t, found.Statuses)
		require.Contains(t, found.Depths, rabbit.Depth{Queue: topology.Prefix + "clicks"})
		return len(asked) > 0
	}, testTimeout, time.Millisecond)
}

func TestAProcessHandlesAFewStatusRequestsAtOnce(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	open := make(chan struct{})
	var now, most atomic.Int64
	serveStatusBy(t, topology, func(ctx context.Context) []byte {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		select {
		case <-open:
		case <-ctx.Done():
		}
		return []byte("a")
	})
	require.Eventually(t, func() bool { // each is one more request
		found, err := topology.Survey(t.Context(), rabbittest.URL(t), func(rabbit.Survey) bool { return true })
		require.NoError(t, err)
		require.Empty(t, found.Statuses)
		return now.Load() == 4
	}, testTimeout, time.Millisecond)
	for range 3 {
		_, err := topology.Survey(t.Context(), rabbittest.URL(t), func(rabbit.Survey) bool { return true })
		require.NoError(t, err)
	}
	close(open)
	require.Equal(t, []string{"a"}, survey(t, topology, 1))
	require.EqualValues(t, 4, most.Load())
}

// On these RabbitMQ 3.10 crashes and closes the connection.
func TestAMalformedReplyToDoesNotEndTheConnectionThatMessagesTake(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	var log syncBuffer
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	serveStatus(t, topology, "a")
	require.Equal(t, []string{"a"}, survey(t, topology, 1))
	channel := rawChannel(t)
	for _, replyTo := range []string{"amq.rabbitmq.reply-to.nonsense", "amq.rabbitmq.reply-to.nonsense.x", "amq.rabbitmq.reply-to.!!!.x"} {
		require.NoError(t, channel.PublishWithContext(t.Context(), topology.Prefix+"status", "", false, false, amqp.Publishing{ReplyTo: replyTo}))
		require.Equal(t, []string{"a"}, survey(t, topology, 1), "the status can be asked for again")
	}
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	require.Equal(t, 1, strings.Count(log.String(), "connected to the broker"), log.String())
}

func TestFlowsCountTheHitsThatAreHandedOut(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, Outstanding: 1})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	require.Empty(t, subscriber.Flows())
	messages := subscribe(t, subscriber, "clicks")
	flow := func() rabbit.Flow { return subscriber.Flows()["clicks"] }
	require.Eventually(t, func() bool { return flow().Consuming }, testTimeout, time.Millisecond)
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
	require.Eventually(t, func() bool { return flow().Hits == 0 }, testTimeout, time.Millisecond)
	require.Zero(t, flow().Messages)
	require.Zero(t, flow().Still)
	require.True(t, flow().Oldest.IsZero())
	require.Eventually(t, func() bool { return subscriber.Flows()["clicks.suspects"].Consuming }, testTimeout, time.Millisecond)
}
