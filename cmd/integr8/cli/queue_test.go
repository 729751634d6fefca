package cli

import (
	"context"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/books"
)

// channel returns a plain AMQP channel beside the program.
func (s *system) channel(t *testing.T) *amqp.Channel {
	t.Helper()
	connection, err := amqp.Dial(s.variables["AMQP_URL"])
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	channel, err := connection.Channel()
	require.NoError(t, err)
	return channel
}

// takeHit removes the one hit that is in a queue. Statements of receivers that are in
// front of it are lost, as later ones say the same.
func (s *system) takeHit(t *testing.T, queue string) amqp.Delivery {
	t.Helper()
	channel := s.channel(t)
	var taken amqp.Delivery
	require.Eventually(t, func() bool {
		delivery, ok, err := channel.Get(s.topology.Prefix+queue, true)
		require.NoError(t, err)
		taken = delivery
		return ok && !books.IsStatement(taken.Body)
	}, patience, 5*time.Millisecond)
	return taken
}

func (s *system) putInQueue(t *testing.T, queue string, message amqp.Delivery) {
	t.Helper()
	require.NoError(t, s.channel(t).PublishWithContext(context.Background(), s.topology.Prefix+"hits", queue, true, false,
		amqp.Publishing{Headers: message.Headers, Body: message.Body, ContentType: message.ContentType,
			Type: message.Type, DeliveryMode: amqp.Persistent}))
}
