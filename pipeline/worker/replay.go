package worker

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"
)

// metadataReplay marks a message that a replay has published. Copies keep it: it is still
// that replay when the message is tried again, and when it becomes a dead letter again.
const metadataReplay = "integr8-replay"

// MarkReplay marks the message of a dead letter that is published again.
func MarkReplay(msg *message.Message) { msg.Metadata.Set(metadataReplay, "1") }

// inReplay is the key of a context.
type inReplay struct{}

// IsReplay reports whether the message that a Handler or an Archive got ctx for was
// published by a replay. The mark travels with the message, because a worker may decide it
// before the replay has written down that it was published.
func IsReplay(ctx context.Context) bool { return ctx.Value(inReplay{}) != nil }

// contextOf returns the context of a message for its Handler or its Archive.
func contextOf(msg *message.Message) context.Context {
	if msg.Metadata.Get(metadataReplay) == "" {
		return msg.Context()
	}
	return context.WithValue(msg.Context(), inReplay{}, true)
}
