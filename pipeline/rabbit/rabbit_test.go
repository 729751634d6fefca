package rabbit_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testTimeout is how long a test waits for an event.
const testTimeout = 20 * time.Second

// topics makes topics of names.
func topics(names ...string) []rabbit.Topic {
	made := make([]rabbit.Topic, len(names))
	for i, name := range names {
		made[i].Name = name
	}
	return made
}

// declare makes a topology of the test's own. Without topics it has clicks,
// postbacks and deliveries.
func declare(t testing.TB, topology rabbit.Topology) rabbit.Topology {
	t.Helper()
	if topology.Topics == nil {
		topology.Topics = topics("clicks", "postbacks", "deliveries")
	}
	return rabbittest.Declare(t, topology)
}

func newPublisher(t testing.TB, options rabbit.PublisherOptions) *rabbit.Publisher {
	t.Helper()
	if options.URL == "" {
		options.URL = rabbittest.URL(t)
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	publisher, err := rabbit.NewPublisher(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, publisher.Close()) })
	return publisher
}

func newSubscriber(t testing.TB, options rabbit.SubscriberOptions) *rabbit.Subscriber {
	t.Helper()
	if options.URL == "" {
		options.URL = rabbittest.URL(t)
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if options.DrainTimeout == 0 {
		options.DrainTimeout = time.Second
	}
	subscriber, err := rabbit.NewSubscriber(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, subscriber.Close()) })
	return subscriber
}

func subscribe(t testing.TB, subscriber *rabbit.Subscriber, topic string) <-chan *message.Message {
	t.Helper()
	messages, err := subscriber.Subscribe(context.WithoutCancel(t.Context()), topic)
	require.NoError(t, err)
	return messages
}

// receive takes the next message.
func receive(t testing.TB, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case msg, open := <-messages:
		require.True(t, open, "the subscription ended")
		return msg
	case <-time.After(testTimeout):
		require.FailNow(t, "no message arrived")
		return nil
	}
}

// hits makes n messages whose payloads number them.
func hits(n int) []*message.Message {
	messages := make([]*message.Message, n)
	for i := range messages {
		messages[i] = message.NewMessage(watermill.NewUUID(), fmt.Appendf(nil, "hit %d", i))
		messages[i].Metadata.Set("number", fmt.Sprint(i))
	}
	return messages
}

func TestWhatIsPublishedArrivesUnchanged(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(300)
	require.NoError(t, publisher.Publish("clicks", sent...))

	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	got := map[string]*message.Message{}
	for range sent {
		msg := receive(t, messages)
		got[msg.UUID] = msg
		require.True(t, msg.Ack())
	}
	for _, msg := range sent {
		require.True(t, msg.Equals(got[msg.UUID]), "message %s changed on the way", msg.UUID)
	}
}
