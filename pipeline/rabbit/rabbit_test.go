package rabbit_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/rabbit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// brokerURL names the broker that the tests use.
func brokerURL(t testing.TB) string {
	t.Helper()
	url := os.Getenv("AMQP_URL")
	if url == "" {
		t.Fatal("AMQP_URL is not set: run `make test`")
	}
	return url
}

// declare makes a topology of the test's own.
func declare(t testing.TB, topology rabbit.Topology) rabbit.Topology {
	t.Helper()
	topology.Prefix = "test." + watermill.NewShortUUID() + "."
	url := brokerURL(t)
	t.Cleanup(func() { require.NoError(t, topology.Delete(context.Background(), url)) })
	require.NoError(t, topology.Declare(t.Context(), url))
	return topology
}

func newPublisher(t testing.TB, options rabbit.PublisherOptions) *rabbit.Publisher {
	t.Helper()
	if options.URL == "" {
		options.URL = brokerURL(t)
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
		options.URL = brokerURL(t)
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
	case <-time.After(patience):
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
