package worker_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
)

func TestAMessageThatIsNotAHitBecomesAnUndecodableLetter(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	handle, _ := handled()
	s.run(handle)
	require.NoError(t, s.publisher.Publish(hit.TopicPostbacks, message.NewMessage("x", []byte("\x00 not a hit"))))
	letter := s.letter()
	require.Equal(t, outcome.Undecodable, letter.Reason)
	require.Nil(t, letter.Hit)
	require.Equal(t, "\x00 not a hit", string(letter.Payload))
	require.NotEqual(t, uuid.Nil, letter.ID)
}

// A foreign message may be larger than any that this system publishes: see
// rabbit.MaxMessageBytes.
func TestAForeignMessageTooLargeToBePublishedIsKeptCutAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	conn, err := amqp.Dial(s.url)
	require.NoError(t, err)
	defer conn.Close()
	channel, err := conn.Channel()
	require.NoError(t, err)
	require.NoError(t, channel.Confirm(false))
	foreign := make([]byte, rabbit.MaxMessageBytes+1)
	copy(foreign, "somebody else's")
	send := func(queue string, headers amqp.Table) {
		confirm, err := channel.PublishWithDeferredConfirm(s.topology.Prefix+"hits", queue, true, false,
			amqp.Publishing{Body: foreign, Headers: headers, DeliveryMode: amqp.Persistent})
		require.NoError(t, err)
		require.True(t, confirm.Wait())
	}
	send(hit.TopicPostbacks, nil)
	send(hit.TopicPostbacks+".suspects", amqp.Table{"_watermill_message_uuid": "x"})
	send(rabbit.TopicDead, nil) // as if the broker had dead-lettered it
	handle, calls := handled()
	s.run(handle)
	h := s.publish(nil)
	require.Equal(t, h.ID, receive(t, calls).ID)
	sum := sha256.Sum256(foreign)
	for range 3 {
		letter := s.letter()
		require.Equal(t, outcome.Undecodable, letter.Reason)
		require.Equal(t, uuid.UUID(sum[:16]), letter.ID)
		require.Equal(t, foreign[:64<<10], letter.Payload)
		require.Contains(t, letter.Error, fmt.Sprintf("cut: the first 65536 of %d bytes are kept, SHA-256 of all %x", len(foreign), sum))
	}
	require.Zero(t, s.seen(failure.Outage))
}

func TestAnUndecodableLetterIsArchivedBounded(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	handle, _ := handled()
	failing := atomic.Bool{}
	failing.Store(true)
	s.archive = func(ctx context.Context, h *hit.Hit, dead worker.DeadLetter) error {
		if failing.Swap(false) {
			return errors.New("cannot archive")
		}
		return s.keep(ctx, h, dead)
	}
	s.run(handle)
	body := bytes.Repeat([]byte("not a hit "), 10_000)
	require.NoError(t, s.publisher.Publish(hit.TopicPostbacks, message.NewMessage("x", body)))
	letter := s.letter()
	sum := sha256.Sum256(body)
	require.Equal(t, uuid.UUID(sum[:16]), letter.ID, "the same for the same payload, cut or not")
	require.Len(t, letter.Payload, 64<<10)
	require.Contains(t, letter.Error, "of 100000 bytes")
}
