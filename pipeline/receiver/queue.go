package receiver

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/hit"
)

// PublisherQueue is the Queue that publishes each hit to the topic of its
// kind, as one Watermill message that bears the hit's id. The Publisher must
// answer only when the message is durable.
type PublisherQueue struct {
	Publisher message.Publisher
}

// Put publishes the hit. ctx bounds the wait.
func (q PublisherQueue) Put(ctx context.Context, h *hit.Hit) error {
	payload, err := h.Encode()
	if err != nil {
		return err
	}
	msg := message.NewMessage(h.ID.String(), payload)
	msg.SetContext(ctx)
	return q.Publisher.Publish(h.Kind.Topic(), msg)
}
