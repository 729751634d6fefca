package rabbit

import (
	"errors"
	"fmt"

	"integr8/pipeline/failure"
)

// Why a publish did not make its messages durable. Each is an outage for
// package failure: the hits are to be kept and sent again later.
var (
	// ErrUnavailable means that there is no connection to the broker, or that the
	// broker does not respond on it.
	ErrUnavailable = failure.Unavailable(errors.New("the broker cannot be reached"))
	// ErrConnecting is the ErrUnavailable of a Publisher whose first attempt to
	// connect is under way.
	ErrConnecting = fmt.Errorf("%w: not connected yet", ErrUnavailable)
	// ErrBlocked means that the broker accepts no messages because it is short of
	// memory or disk (connection.blocked).
	ErrBlocked = failure.Unavailable(errors.New("the broker is short of memory or disk and takes no messages"))
	// ErrNacked means that the broker nacked the message: the queue is full, or lost
	// its majority.
	ErrNacked = failure.Unavailable(errors.New("the broker nacked the message: its queue is full or has no leader"))
	// ErrUnroutable means that no queue is bound for this topic.
	ErrUnroutable = failure.Unavailable(errors.New("no queue takes messages of this topic: run `integr8 topology`"))
	// ErrUnconfirmed means that no confirm came in time. The message may be in its
	// queue all the same.
	ErrUnconfirmed = failure.Unavailable(errors.New("the broker did not confirm in time"))
)

// IsOutage reports whether an error is one of these.
func IsOutage(err error) bool {
	for _, outage := range []error{ErrUnavailable, ErrBlocked, ErrNacked, ErrUnroutable, ErrUnconfirmed} {
		if errors.Is(err, outage) {
			return true
		}
	}
	return false
}

// ErrClosed is returned by a closed Publisher or Subscriber. Package failure classifies
// it as a shutdown: the hit stays with its source and costs no attempt.
var ErrClosed = fmt.Errorf("closed: %w", failure.ErrShutdown)

// ErrUnsendable means that a message can never be sent: it is larger than
// MaxMessageBytes or than the broker's max_message_size, its metadata do not fit into
// an AMQP header, or a metadata key is not allowed there.
var ErrUnsendable = failure.Never(errors.New("the message cannot be sent"))

// unavailable marks an error with ErrUnavailable.
func unavailable(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
