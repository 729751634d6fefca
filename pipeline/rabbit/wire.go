package rabbit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ThreeDotsLabs/watermill"
	watermillamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Metadata that the Subscriber adds to the messages that it hands out. It describes one
// delivery, so Publish does not send it, except MetadataUndecodable.
const (
	// MetadataDeliveryCount is how often the AMQP message returned to its
	// queue, as a decimal number. Absent on the first delivery.
	MetadataDeliveryCount = "x-delivery-count"
	// MetadataFirstDeathReason and MetadataFirstDeathQueue are why and in which queue
	// the broker first dead-lettered the message: "expired" after a retry delay or
	// another time to live, "delivery_limit" after too many returns, "maxlen" or
	// "rejected". The queue is named without the topology's prefix.
	MetadataFirstDeathReason = "x-first-death-reason"
	MetadataFirstDeathQueue  = "x-first-death-queue"
	// MetadataLastDeathReason and MetadataLastDeathQueue are the same for the
	// latest time.
	MetadataLastDeathReason = "x-last-death-reason"
	MetadataLastDeathQueue  = "x-last-death-queue"
	// MetadataUndecodable marks a message that could not be decoded, neither as a single
	// hit nor as a batch, and says why in a few words. Its payload is the unchanged body.
	MetadataUndecodable = "undecodable"
)

// marshaler encodes a message that is sent alone.
var marshaler = watermillamqp.DefaultMarshaler{}

// outgoing is a copy of a message as it was when Publish was called. After Publish
// has returned, with or without an error, the caller may change the message.
type outgoing struct {
	uuid     string
	metadata message.Metadata
	payload  []byte
}

// maxHeaderBytes bounds the id and the metadata of a message. When the message is sent
// alone they must fit into one AMQP frame, of 128 KiB by default; the broker closes the
// connection over a larger one.
const maxHeaderBytes = 96 << 10

func outgoingOf(msg *message.Message) (outgoing, error) {
	o := outgoing{uuid: msg.UUID, payload: msg.Payload}
	for key, value := range msg.Metadata {
		if describesDelivery(key) {
			continue
		}
		if len(key) > 255 {
			return outgoing{}, fmt.Errorf("%w: a metadata key has %d bytes, AMQP allows 255", ErrUnsendable, len(key))
		}
		if key == watermillamqp.DefaultMessageUUIDHeaderKey {
			return outgoing{}, fmt.Errorf("%w: its metadata have the key %s, which stands for its id", ErrUnsendable, key)
		}
		if o.metadata == nil {
			o.metadata = make(message.Metadata, len(msg.Metadata))
		}
		o.metadata[key] = value
	}
	size := o.size()
	if size > MaxMessageBytes {
		return outgoing{}, fmt.Errorf("%w: it has %d bytes, the most is %d", ErrUnsendable, size, MaxMessageBytes)
	}
	if header := size - len(o.payload); header > maxHeaderBytes {
		return outgoing{}, fmt.Errorf("%w: its id and metadata have %d bytes, the most is %d", ErrUnsendable, header, maxHeaderBytes)
	}
	return o, nil
}

// describesDelivery reports whether the broker added this metadata key.
func describesDelivery(key string) bool {
	return strings.HasPrefix(key, "x-") && (key == MetadataDeliveryCount || key == "x-death" || key == "x-acquired-count" ||
		strings.HasPrefix(key, "x-first-death-") || strings.HasPrefix(key, "x-last-death-"))
}

// encode returns the AMQP message for one or more messages.
func (c *confirmChannel) encode(items []outgoing) (amqp.Publishing, error) {
	if len(items) == 1 {
		return marshaler.Marshal(&message.Message{UUID: items[0].uuid, Metadata: items[0].metadata, Payload: items[0].payload})
	}
	c.body = appendBatch(c.body[:0], items)
	return amqp.Publishing{ContentType: batchContentType, DeliveryMode: amqp.Persistent, Body: c.body}, nil
}

// decode returns the messages of a delivery. It always returns at least one: a body
// that cannot be decoded becomes one message with MetadataUndecodable.
func (t Topology) decode(d *amqp.Delivery) []*message.Message {
	messages, err := decodeBody(d)
	if err != nil {
		id := d.MessageId
		if id == "" {
			id = watermill.NewUUID()
		}
		msg := message.NewMessage(id, d.Body)
		msg.Metadata.Set(MetadataUndecodable, err.Error())
		messages = []*message.Message{msg}
	}
	if len(d.Headers) == 0 {
		return messages
	}
	for _, about := range t.deliveryMetadata(d.Headers) {
		for _, msg := range messages {
			msg.Metadata.Set(about.key, about.value)
		}
	}
	return messages
}

var errForeign = errors.New("not a Watermill message: no message id")

func decodeBody(d *amqp.Delivery) ([]*message.Message, error) {
	if d.ContentType == batchContentType {
		return decodeBatch(d.Body)
	}
	if _, ok := d.Headers[watermillamqp.DefaultMessageUUIDHeaderKey].(string); !ok {
		return nil, errForeign
	}
	msg, err := marshaler.Unmarshal(amqp.Delivery{Headers: texts(d.Headers), Body: d.Body})
	if err != nil {
		return nil, err
	}
	return []*message.Message{msg}, nil
}

// texts returns the headers whose value is a string. The broker adds others, which the
// marshaler refuses.
func texts(headers amqp.Table) amqp.Table {
	only := make(amqp.Table, len(headers))
	for key, value := range headers {
		if _, ok := value.(string); ok {
			only[key] = value
		}
	}
	return only
}

type entry struct{ key, value string }

// deliveryMetadata returns the metadata from the headers that the broker added.
func (t Topology) deliveryMetadata(headers amqp.Table) []entry {
	var about []entry
	if count := deliveryCount(headers); count > 0 {
		about = append(about, entry{MetadataDeliveryCount, fmt.Sprint(count)})
	}
	add := func(key string, value any) {
		if text, ok := value.(string); ok {
			about = append(about, entry{key, text})
		}
	}
	addQueue := func(key string, value any) {
		if text, ok := value.(string); ok {
			about = append(about, entry{key, strings.TrimPrefix(text, t.Prefix)})
		}
	}
	add(MetadataFirstDeathReason, headers[MetadataFirstDeathReason])
	addQueue(MetadataFirstDeathQueue, headers[MetadataFirstDeathQueue])
	// RabbitMQ 4 also writes the latest death into these two headers.
	add(MetadataLastDeathReason, headers[MetadataLastDeathReason])
	addQueue(MetadataLastDeathQueue, headers[MetadataLastDeathQueue])
	// The latest death comes first in the list.
	if deaths, ok := headers["x-death"].([]any); ok && len(deaths) > 0 {
		if last, ok := deaths[0].(amqp.Table); ok {
			add(MetadataLastDeathReason, last["reason"])
			addQueue(MetadataLastDeathQueue, last["queue"])
		}
	}
	return about
}

// deliveryCount returns how often the message returned to its queue.
func deliveryCount(headers amqp.Table) int64 {
	switch count := headers[MetadataDeliveryCount].(type) {
	case int64:
		return count
	case int32:
		return int64(count)
	case int16:
		return int64(count)
	case int8:
		return int64(count)
	case byte:
		return int64(count)
	case uint16:
		return int64(count)
	case uint32:
		return int64(count)
	default:
		return 0
	}
}
