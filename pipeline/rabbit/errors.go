package rabbit

import (
	"errors"
	"fmt"

	"integr8/pipeline/failure"
)

// Why a publish did not make its messages durable. Each is an outage for
// package failure: the hits are to be kept and sent again later.
var (
	// ErrUnavailable means that there is no connection to the broker, or
	// that the broker stopped answering on it.
	ErrUnavailable = failure.Unavailable(errors.New("the broker cannot be reached"))
	// ErrConnecting is an ErrUnavailable of a Publisher whose very first
	// attempt to connect is under way.
	ErrConnecting = fmt.Errorf("%w: not connected yet", ErrUnavailable)
	// ErrBlocked means that the broker takes no messages because it is short
	// of memory or disk.
	ErrBlocked = failure.Unavailable(errors.New("the broker is short of memory or disk and takes no messages"))
	// ErrRefused means that the queue is full, or lost its majority.
	ErrRefused = failure.Unavailable(errors.New("the queue refused the message: it is full or has no leader"))
	// ErrUnroutable means that no queue takes messages of this topic.
	ErrUnroutable = failure.Unavailable(errors.New("no queue takes messages of this topic: run `integr8 topology`"))
	// ErrUnconfirmed means that the broker did not answer in time. The
	// message may arrive all the same.
	ErrUnconfirmed = failure.Unavailable(errors.New("the broker did not confirm in time"))
)

// IsOutage reports whether an error is one of these.
func IsOutage(err error) bool {
	for _, outage := range []error{ErrUnavailable, ErrBlocked, ErrRefused, ErrUnroutable, ErrUnconfirmed} {
		if errors.Is(err, outage) {
			return true
		}
	}
	return false
}

// ErrClosed is what a closed Publisher or Subscriber answers. It counts as a
// shutdown: the hit goes back to where it came from.
var ErrClosed = fmt.Errorf("closed: %w", failure.ErrShutdown)

// ErrUnsendable means that a message cannot travel by itself, now or later: it
// is larger than MaxMessageBytes or than the broker takes, or its metadata are
// more than fits into an AMQP header or have a key that cannot stand there.
var ErrUnsendable = failure.Never(errors.New("the message cannot be sent"))

// unavailable says of an error that the broker could not be reached.
func unavailable(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
