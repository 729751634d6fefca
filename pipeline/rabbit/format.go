package rabbit

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
)

// batchContentType marks an AMQP message that holds several hits. Its body is
//
//	version  1 byte, batchVersion
//	count    of the hits, at least 1
//	hits     each: UUID, number of metadata entries, key and value of each,
//	         payload
//
// where every number is an unsigned varint and every text or payload is its
// length followed by its bytes.
const batchContentType = "application/vnd.integr8.batch"

const batchVersion = 1

// size is an upper bound of the bytes that a message adds to a batch.
func (o outgoing) size() int {
	const lengths = 3 * binary.MaxVarintLen32
	n := lengths + len(o.uuid) + len(o.payload)
	for key, value := range o.metadata {
		n += 2*binary.MaxVarintLen32 + len(key) + len(value)
	}
	return n
}

func appendBatch(to []byte, items []outgoing) []byte {
	to = append(to, batchVersion)
	to = binary.AppendUvarint(to, uint64(len(items)))
	for i := range items {
		o := &items[i]
		to = appendText(to, o.uuid)
		to = binary.AppendUvarint(to, uint64(len(o.metadata)))
		for key, value := range o.metadata {
			to = appendText(to, key)
			to = appendText(to, value)
		}
		to = binary.AppendUvarint(to, uint64(len(o.payload)))
		to = append(to, o.payload...)
	}
	return to
}

func appendText(to []byte, text string) []byte {
	to = binary.AppendUvarint(to, uint64(len(text)))
	return append(to, text...)
}

var (
	errEmptyBatch     = errors.New("batch without hits")
	errTruncatedBatch = errors.New("batch ends too early")
	errTrailingBytes  = errors.New("batch with bytes after its end")
)

// smallestHit is the size in bytes of a hit without UUID, metadata and payload.
const smallestHit = 3

// decodeBatch reads a batch. The payloads share the memory of body; each has a capacity
// of its length, so that an append cannot write into the next one. The memory that
// decodeBatch allocates is bounded by the length of body.
func decodeBatch(body []byte) ([]*message.Message, error) {
	if len(body) == 0 {
		return nil, errEmptyBatch
	}
	if body[0] != batchVersion {
		return nil, fmt.Errorf("batch version %d is unknown", body[0])
	}
	r := batchReader{rest: body[1:]}
	count := r.number(smallestHit)
	messages := make([]*message.Message, 0, count)
	for range count {
		msg := message.NewMessage(r.text(), nil)
		for range r.number(2) {
			key := r.text()
			msg.Metadata[key] = r.text()
		}
		msg.Payload = r.bytes()
		if r.truncated {
			return nil, errTruncatedBatch
		}
		messages = append(messages, msg)
	}
	switch {
	case r.truncated:
		return nil, errTruncatedBatch
	case count == 0:
		return nil, errEmptyBatch
	case len(r.rest) > 0:
		return nil, errTrailingBytes
	}
	return messages, nil
}

// batchReader reads the parts of a batch. After the first length that exceeds the rest
// of the body, truncated is set and every read returns zero values.
type batchReader struct {
	rest      []byte
	truncated bool
}

// number reads a count of items that have at least size bytes each.
func (r *batchReader) number(size int) int {
	value, n := binary.Uvarint(r.rest)
	if n <= 0 || value > uint64(len(r.rest)-n)/uint64(size) {
		r.truncated, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return int(value)
}

func (r *batchReader) bytes() []byte {
	n := r.number(1)
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *batchReader) text() string { return string(r.bytes()) }
