package worker_test

import (
	"testing"
	"time"

	watermillamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

// TestALetterNamesWhyTheBrokerDeadLetteredTheMessage makes the broker dead-letter
// messages for each of its reasons, except a length that only a policy sets.
func TestALetterNamesWhyTheBrokerDeadLetteredTheMessage(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	connection, err := amqp.Dial(s.url)
	require.NoError(t, err)
	defer connection.Close()
	channel, err := connection.Channel()
	require.NoError(t, err)
	publish := func(topic, expiration string, deaths ...any) uuid.UUID {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC()}
		payload, err := h.Encode()
		require.NoError(t, err)
		headers := amqp.Table{watermillamqp.DefaultMessageUUIDHeaderKey: h.ID.String()}
		if len(deaths) > 0 {
			headers["x-death"] = deaths
		}
		require.NoError(t, channel.PublishWithContext(t.Context(), s.topology.Prefix+"hits", topic, true, false,
			amqp.Publishing{Headers: headers, Body: payload, Expiration: expiration, DeliveryMode: amqp.Persistent}))
		return h.ID
	}
	// take returns false when nothing has come for a while, during which it was requeued.
	take := func(topic string) (amqp.Delivery, bool) {
		delivery, ok, err := channel.Get(s.topology.Prefix+topic, false)
		require.NoError(t, err)
		return delivery, ok
	}
	death := func(reason string) amqp.Table {
		return amqp.Table{"reason": reason, "queue": s.topology.Prefix + "postbacks"}
	}
	want := map[uuid.UUID]outcome.Reason{
		publish(hit.TopicPostbacks, "1"):                                        outcome.MessageExpired,
		publish(hit.TopicClicks, ""):                                            outcome.MessageRefused,
		publish("deliveries", ""):                                               outcome.DeliveryLimit,
		publish(rabbit.TopicDead, "", death("maxlen"), death("expired")):        outcome.QueueOverflow,
		publish(rabbit.TopicDead, "", death("a reason of a later version")):     outcome.Unexplained,
		publish(rabbit.TopicDead, "", death("delivery_limit"), death("maxlen")): outcome.DeliveryLimit,
		publish(rabbit.TopicDead, ""):                                           outcome.Unexplained,
	}
	require.Eventually(t, func() bool {
		delivery, ok := take(hit.TopicClicks)
		return ok && delivery.Nack(false, false) == nil
	}, testTimeout, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		if delivery, ok := take("deliveries"); ok {
			require.NoError(t, delivery.Nack(false, true))
		}
		return s.depth(rabbit.TopicDead) == len(want)
	}, testTimeout, 10*time.Millisecond)

	handle, _ := handled()
	s.run(handle)
	for range want {
		letter := s.letter()
		require.Equal(t, want[letter.ID], letter.Reason, letter.Error)
	}
}
