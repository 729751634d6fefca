package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/failure"
)

// Handler handles one message: its decoded value, and the payload that the value was
// decoded from. It returns nil when the result is durable. It may be called again
// with the same message at any time, and by several goroutines at once.
type Handler[T any] func(ctx context.Context, value T, payload []byte) error

// Archive makes a dead letter durable. value is the zero value when letter.Reason is
// outcome.Undecodable. It may be called again with the same letter.
type Archive[T any] func(ctx context.Context, value T, letter DeadLetter) error

// Route connects a topic with its decoder, its handler and its archive.
type Route struct {
	topic  string
	handle message.NoPublishHandlerFunc
	// archive is nil when other workers consume the dead queue.
	archive func(*message.Message) (DeadLetter, error)
}

// NewRoute returns the route of a topic. decode decodes its payloads; a payload for which
// it returns an error becomes a dead letter at once, because no retry can succeed.
// archive is called with the topic's dead letters. It may be nil if it is nil for all
// routes of a worker, which then does not consume the dead queue.
func NewRoute[T any](topic string, decode func(payload []byte) (T, error), handle Handler[T], archive Archive[T]) Route {
	route := Route{topic: topic, handle: func(msg *message.Message) error {
		value, err := decoded(decode, msg)
		if err != nil {
			return failure.Never(fmt.Errorf("%w: %w", errUndecodable, err))
		}
		return handle(contextOf(msg), value, msg.Payload)
	}}
	if archive != nil {
		route.archive = func(msg *message.Message) (DeadLetter, error) {
			value, err := decoded(decode, msg)
			letter := letterOf(msg)
			if err != nil {
				letter.becomeUndecodable(msg, err)
			}
			return letter, archive(contextOf(msg), value, letter)
		}
	}
	return route
}

// Topic returns the name of the topic.
func (r Route) Topic() string { return r.topic }

var (
	errUndecodable = errors.New("the message cannot be decoded")
	errCut         = errors.New("the message was cut")
)

// decoded returns the value of a message, or the zero value and an error.
func decoded[T any](decode func([]byte) (T, error), msg *message.Message) (value T, err error) {
	switch reason := undecodable(msg); {
	case reason != "":
		return value, errors.New(reason)
	case isCut(msg):
		return value, errCut
	}
	read, err := decode(msg.Payload)
	if err != nil {
		return value, err
	}
	return read, nil
}
