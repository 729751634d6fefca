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
// quorum queue then moves what comes out of a retry queue, or was returned too
// often, at most once: when the queue behind is full or away, the message is
// lost. It says so in the broker's log only.
var ErrDeadLettersAtRisk = errors.New("the broker's feature flag stream_queue is off, and without it retries and dead letters can be lost")

// CheckDeadLettering reports ErrDeadLettersAtRisk where quorum queues that are
// declared now would not dead-letter at least once. Any other error means that
// it could not be seen, among them ErrUnavailable. It changes nothing.
//
// It asks for a stream that is exclusive, which there cannot be: the broker
// refuses that property where it has streams, and the type where it has not.
// What it cannot see is whether a queue that was declared while the flag was
// off still moves its messages at most once; it does, over restarts, until a
// policy is applied to it or it is declared anew (tried on 3.10.8).
func (t Topology) CheckDeadLettering(ctx context.Context, url string) error {
	return administer(ctx, url, "look at the feature flag stream_queue", func(ch *amqp.Channel) error {
		const durable, autoDelete, exclusive, noWait = true, false, true, false
		_, err := ch.QueueDeclare(t.queue("stream-probe"), durable, autoDelete, exclusive, noWait, amqp.Table{"x-queue-type": "stream"})
		return deadLetteringBy(err)
	})
}

// deadLetteringBy reads the broker's answer to the question for a stream.
func deadLetteringBy(err error) error {
	var answer *amqp.Error
	switch {
	case err == nil: // it took it, and drops it with the connection
		return nil
	case !errors.As(err, &answer):
		return err
	case answer.Code == amqp.PreconditionFailed && strings.Contains(answer.Reason, "exclusive"):
		return nil
	case answer.Code == amqp.InternalError && strings.Contains(answer.Reason, "feature flag"):
		return ErrDeadLettersAtRisk
	}
	return fmt.Errorf("the broker answered otherwise than known: %w", err)
}
