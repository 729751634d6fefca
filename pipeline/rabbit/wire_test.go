package rabbit_test

import (
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill"
	watermillamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestAnUndecodableMessageArrivesOnceAndMarked(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	channel := rawChannel(t)
	const batch = "application/vnd.integr8.batch"
	for name, test := range map[string]struct {
		publishing amqp.Publishing
		want       string
	}{
		"no Watermill message":      {amqp.Publishing{Body: []byte("{}")}, "not a Watermill message: no message id"},
		"an id that is no text":     {amqp.Publishing{Body: []byte("{}"), Headers: amqp.Table{"_watermill_message_uuid": int64(7)}}, "not a Watermill message: no message id"},
		"an empty message":          {amqp.Publishing{}, "not a Watermill message: no message id"},
		"an empty batch":            {amqp.Publishing{ContentType: batch}, "batch without hits"},
		"a batch of nothing":        {amqp.Publishing{ContentType: batch, Body: []byte{1, 0}}, "batch without hits"},
		"a later version":           {amqp.Publishing{ContentType: batch, Body: []byte{9, 1, 0, 0, 0}}, "batch version 9 is unknown"},
		"a batch cut off":           {amqp.Publishing{ContentType: batch, Body: []byte{1, 2, 0, 0, 0}}, "batch ends too early"},
		"a batch that goes on":      {amqp.Publishing{ContentType: batch, Body: []byte{1, 1, 0, 0, 0, 0}}, "batch with bytes after its end"},
		"a count beyond all bounds": {amqp.Publishing{ContentType: batch, Body: []byte{1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0}}, "batch ends too early"},
	} {
		t.Run(name, func(t *testing.T) {
			test.publishing.DeliveryMode = amqp.Persistent
			require.NoError(t, channel.PublishWithContext(t.Context(), topology.Prefix+"hits", "clicks", true, false, test.publishing))
			subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
			messages := subscribe(t, subscriber, "clicks")
			msg := receive(t, messages)
			require.Equal(t, test.want, msg.Metadata.Get(rabbit.MetadataUndecodable))
			require.Equal(t, string(test.publishing.Body), string(msg.Payload))
			require.NotEmpty(t, msg.UUID)

			require.True(t, msg.Nack(), "it can go round like any other")
			msg = receive(t, messages)
			require.Equal(t, test.want, msg.Metadata.Get(rabbit.MetadataUndecodable), "the mark stays")
			require.Equal(t, string(test.publishing.Body), string(msg.Payload))

			publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
			require.NoError(t, publisher.Publish("dead", msg))
			msg.Ack()
			require.NoError(t, subscriber.Close())
			left(t, topology, "clicks", 0)
		})
	}
	require.Equal(t, 9, count(t, topology, "dead"))
}

func TestHeadersThatAreNoTextDoNoHarm(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	headers := amqp.Table{
		"_watermill_message_uuid": "id", "text": "kept", "number": int64(1), "flag": true, "nothing": nil,
		"list": []any{"a", int32(1)}, "table": amqp.Table{"a": "b"}, "x-death": "no list", "x-delivery-count": "many",
	}
	require.NoError(t, rawChannel(t).PublishWithContext(t.Context(), topology.Prefix+"hits", "clicks", true, false,
		amqp.Publishing{Headers: headers, Body: []byte("body")}))
	msg := receive(t, subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks"))
	require.Equal(t, "id", msg.UUID)
	require.Equal(t, "body", string(msg.Payload))
	require.Equal(t, "kept", msg.Metadata.Get("text"))
	require.Empty(t, msg.Metadata.Get(rabbit.MetadataUndecodable))
	require.NotContains(t, msg.Metadata, "number")
	msg.Ack()
}

func TestMetadataThatTheBrokerAddedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	sent := message.NewMessage("id", []byte("payload"))
	broker := []string{
		rabbit.MetadataDeliveryCount, "x-death", "x-acquired-count", "x-first-death-exchange",
		rabbit.MetadataFirstDeathReason, rabbit.MetadataFirstDeathQueue, rabbit.MetadataLastDeathReason, rabbit.MetadataLastDeathQueue,
	}
	for _, key := range append(broker, "x-request-id", "plain") {
		sent.Metadata.Set(key, "old")
	}
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	require.NoError(t, publisher.Publish("clicks", sent))
	require.NoError(t, publisher.Publish("clicks", sent, sent))
	for range 3 {
		msg := receive(t, messages)
		require.Equal(t, message.Metadata{"x-request-id": "old", "plain": "old"}, msg.Metadata)
		msg.Ack()
	}
	require.Len(t, sent.Metadata, 10, "the caller's message is left as it is")
}

// stock is the configuration of watermill-amqp for one of our queues.
func stock(t testing.TB, topology rabbit.Topology) watermillamqp.Config {
	config := watermillamqp.NewDurableQueueConfig(rabbittest.URL(t))
	config.TopologyBuilder = declared{}
	config.Exchange.GenerateName = func(string) string { return topology.Prefix + "hits" }
	config.Exchange.Type = "direct"
	config.Publish.GenerateRoutingKey = func(topic string) string { return topic }
	config.Publish.ConfirmDelivery = true
	config.Queue.GenerateName = func(topic string) string { return topology.Prefix + topic }
	return config
}

// declared leaves the topology as it is.
type declared struct{}

func (declared) BuildTopology(*amqp.Channel, watermillamqp.BuildTopologyParams, watermillamqp.Config, watermill.LoggerAdapter) error {
	return nil
}

func (declared) ExchangeDeclare(*amqp.Channel, string, watermillamqp.Config) error { return nil }

func TestAStockSubscriberReadsWhatWePublishAlone(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	subscriber, err := watermillamqp.NewSubscriber(stock(t, topology), watermill.NopLogger{})
	require.NoError(t, err)
	defer func() { require.NoError(t, subscriber.Close()) }()
	messages, err := subscriber.Subscribe(t.Context(), "clicks")
	require.NoError(t, err)

	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	sent := hits(3)
	require.NoError(t, publisher.Publish("clicks", sent...))
	got := map[string]*message.Message{}
	for range sent {
		msg := receive(t, messages)
		got[msg.UUID] = msg
		msg.Ack()
	}
	for _, msg := range sent {
		require.True(t, msg.Equals(got[msg.UUID]))
	}
}

func TestWeReadWhatAStockPublisherSends(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher, err := watermillamqp.NewPublisher(stock(t, topology), watermill.NopLogger{})
	require.NoError(t, err)
	defer func() { require.NoError(t, publisher.Close()) }()
	sent := append(hits(3), message.NewMessage("", nil))
	sent[1].Payload = []byte(strings.Repeat("large ", 1<<16))
	require.NoError(t, publisher.Publish("clicks", sent...))

	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for _, want := range sent {
		msg := receive(t, messages)
		require.True(t, msg.Equals(want), "%v is not %v", msg.Metadata, want.Metadata)
		msg.Ack()
	}
}
