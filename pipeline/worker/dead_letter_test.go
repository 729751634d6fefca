package worker_test

import (
	"testing"
	"time"

	watermillamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
)

// TestALetterNamesWhyTheBrokerTookTheMessage has the broker take messages for each
// of its reasons, but for a length that only a policy sets.
func TestALetterNamesWhyTheBrokerTookTheMessage(t *testing.T) {
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
	// take returns false once nothing has come for a while in which it was given back.
	take := func(topic string) (amqp.Delivery, bool) {
		delivery, ok, err := channel.Get(s.topology.Prefix+topic, false)
		require.NoError(t, err)
		return delivery, ok
	}
	death := func(reason string) amqp.Table {
		return amqp.Table{"reason": reason, "queue": s.topology.Prefix + "postbacks"}
	}
	want := map[uuid.UUID]worker.Cause{
		publish(hit.TopicPostbacks, "1"):                                     worker.MessageExpired,
		publish(hit.TopicClicks, ""):                                         worker.MessageRefused,
		publish(rabbit.TopicDeliveries, ""):                                  worker.DeliveryLimit,
		publish(hit.TopicDead, "", death("maxlen"), death("expired")):        worker.QueueOverflow,
		publish(hit.TopicDead, "", death("a reason of a later version")):     worker.Unexplained,
		publish(hit.TopicDead, "", death("delivery_limit"), death("maxlen")): worker.DeliveryLimit,
		publish(hit.TopicDead, ""):                                           worker.Unexplained,
	}
	require.Eventually(t, func() bool {
		delivery, ok := take(hit.TopicClicks)
		return ok && delivery.Nack(false, false) == nil
	}, patience, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		if delivery, ok := take(rabbit.TopicDeliveries); ok {
			require.NoError(t, delivery.Nack(false, true))
		}
		return s.depth(hit.TopicDead) == len(want)
	}, patience, 10*time.Millisecond)

	handle, _ := handled()
	s.run(handle)
	for range want {
		letter := s.letter()
		require.Equal(t, want[letter.ID], letter.Cause, letter.Error)
	}
}
