package rabbit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// The broker closes the connection over a header that is larger than a frame, which
// fails every other publish on it too.
func TestAnUnsendableMessageIsRefusedBeforeTheBrokerSeesIt(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	require.NoError(t, publisher.Publish("postbacks", hits(1)...))
	for name, msg := range map[string]*message.Message{
		"large metadata": {UUID: "1", Metadata: message.Metadata{"note": strings.Repeat("x", 200<<10)}},
		"much metadata":  {UUID: "1", Metadata: message.Metadata{"a": strings.Repeat("x", 60<<10), "b": strings.Repeat("x", 60<<10)}},
		"a large id":     {UUID: strings.Repeat("x", 200<<10)},
		"a reserved key": {UUID: "1", Metadata: message.Metadata{"_watermill_message_uuid": "2"}},
		"a large body":   {UUID: "1", Payload: make([]byte, rabbit.MaxMessageBytes+1)},
	} {
		err := publisher.Publish("postbacks", msg)
		require.ErrorIs(t, err, rabbit.ErrUnsendable, name)
		require.Equal(t, failure.Permanent, failure.Of(err), name)
		require.NoError(t, publisher.Err(), name)
	}
	largest := &message.Message{UUID: "1", Metadata: message.Metadata{"note": strings.Repeat("x", 95<<10)}}
	require.NoError(t, publisher.Publish("postbacks", largest))
}

func TestANackedMessageThatCannotBePublishedReturnsToItsQueue(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "postbacks")
	require.NoError(t, rawChannel(t).Publish(topology.Prefix+"hits", "postbacks", true, false,
		amqp.Publishing{Body: make([]byte, rabbit.MaxMessageBytes+1)}))
	require.True(t, receive(t, messages).Nack())
	again := receive(t, messages)
	require.Equal(t, "1", again.Metadata.Get(rabbit.MetadataDeliveryCount))
	require.True(t, again.Ack())
	left(t, topology, "postbacks", 0)
}

func TestAMessageKnowsWhenItArrived(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	before := time.Now()
	require.NoError(t, publisher.Publish("postbacks", hits(2)...))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, MaxHits: 1}), "postbacks")
	first := receive(t, messages)
	came, ok := rabbit.DeliveredAt(first.Context())
	require.True(t, ok)
	require.WithinRange(t, came, before, time.Now())
	first.Ack()
	second := receive(t, messages)
	also, _ := rabbit.DeliveredAt(second.Context())
	require.Equal(t, came, also, "what came in the same AMQP message arrived together, however long it waited for its turn")
	second.Ack()
}
