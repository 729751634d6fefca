package rabbit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// ErrDeadLettersAtRisk means that the broker's feature flag stream_queue is off,
// as on a cluster that was upgraded to 3.10 or 3.11 without turning it on. A
// quorum queue then dead-letters at most once: a message that leaves a retry queue,
// or was returned too often, is lost when the target queue is full or unavailable.
// Only the broker's log reports the loss.
var ErrDeadLettersAtRisk = errors.New("the broker's feature flag stream_queue is off, and without it retries and dead letters can be lost")

// CheckDeadLettering returns ErrDeadLettersAtRisk when quorum queues that are
// declared now would not dead-letter at least once. Any other error, such as
// ErrUnavailable, means that the check failed. It changes nothing on the broker.
//
// It declares an exclusive stream, which no broker allows: a broker with the flag on
// refuses the property exclusive, a broker with the flag off refuses the type stream.
// The check does not cover queues that were declared while the flag was off. Such a
// queue dead-letters at most once, also after restarts, until a policy is applied to
// it or it is declared anew (tried on 3.10.8).
func (t Topology) CheckDeadLettering(ctx context.Context, url string) error {
	return administer(ctx, url, "look at the feature flag stream_queue", func(ch *amqp.Channel) error {
		const durable, autoDelete, exclusive, noWait = true, false, true, false
		_, err := ch.QueueDeclare(t.queue("stream-probe"), durable, autoDelete, exclusive, noWait, amqp.Table{"x-queue-type": "stream"})
		return deadLetteringBy(err)
	})
}

// deadLetteringBy interprets the broker's response to the declaration of the stream.
func deadLetteringBy(err error) error {
	var refusal *amqp.Error
	switch {
	case err == nil: // accepted; the broker deletes it with the connection
		return nil
	case !errors.As(err, &refusal):
		return err
	case refusal.Code == amqp.PreconditionFailed && strings.Contains(refusal.Reason, "exclusive"):
		return nil
	case refusal.Code == amqp.InternalError && strings.Contains(refusal.Reason, "feature flag"):
		return ErrDeadLettersAtRisk
	}
	return fmt.Errorf("the broker refused a stream for an unknown reason: %w", err)
}
