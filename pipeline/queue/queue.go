// Package queue publishes hits to the broker without a spool. Workers use it: they ack
// the message that they handle only after the hits that they publish are durable.
package queue

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/hit"
)

// Direct publishes each hit to the topic of its kind, as one Watermill message with
// the hit's id. It implements the Queue of receivers and of handlers. The Publisher must
// return nil only for a message that is durable.
type Direct struct {
	Publisher message.Publisher
}

// Put returns nil when the hit is durable. ctx bounds the wait.
func (q Direct) Put(ctx context.Context, h *hit.Hit) error {
	payload, err := h.Encode()
	if err != nil {
		return err
	}
	msg := message.NewMessage(h.ID.String(), payload)
	msg.SetContext(ctx)
	return q.Publisher.Publish(h.Kind.Topic(), msg)
}
