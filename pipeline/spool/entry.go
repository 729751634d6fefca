package spool

import (
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"integr8/pipeline/hit"
)

// entry is a hit as the spool keeps it. It can be published, exactly as it would have
// been without the spool, without decoding its payload.
type entry struct {
	id      uuid.UUID
	topic   string
	payload []byte // from hit.Hit.Encode
}

// The content of a record is the id's 16 bytes, the length of the topic in one
// byte, the topic, and the payload.
const entryHeaderBytes = 16 + 1

func entryOf(h *hit.Hit) (entry, error) {
	payload, err := h.Encode()
	return entry{id: h.ID, topic: h.Kind.Topic(), payload: payload}, err
}

func (e entry) encode() []byte {
	content := make([]byte, 0, entryHeaderBytes+len(e.topic)+len(e.payload))
	content = append(content, e.id[:]...)
	content = append(content, byte(len(e.topic)))
	content = append(content, e.topic...)
	return append(content, e.payload...)
}

var errNoEntry = errors.New("a record of the spool holds no hit")

func decodeEntry(content []byte) (entry, error) {
	if len(content) < entryHeaderBytes {
		return entry{}, fmt.Errorf("%w: it has %d bytes", errNoEntry, len(content))
	}
	length := int(content[entryHeaderBytes-1])
	rest := content[entryHeaderBytes:]
	if length == 0 || length >= len(rest) {
		return entry{}, fmt.Errorf("%w: it names no topic or has no payload", errNoEntry)
	}
	return entry{id: uuid.UUID(content[:16]), topic: string(rest[:length]), payload: rest[length:]}, nil
}

// message returns the Watermill message that is published.
func (e entry) message() *message.Message { return message.NewMessage(e.id.String(), e.payload) }
