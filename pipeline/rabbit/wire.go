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

// Metadata that the Subscriber adds to what it gives out. It describes one
// delivery, so that Publish leaves it out; only MetadataUndecodable stays.
const (
	// MetadataDeliveryCount is how often the AMQP message came back to its
	// queue, as a decimal number. Absent on the first delivery.
	MetadataDeliveryCount = "x-delivery-count"
	// MetadataFirstDeathReason and MetadataFirstDeathQueue say why and where
	// the broker first dead-lettered the message: "expired" for one that
	// waited for a retry or outlived a time to live, "delivery_limit" for one that
	// came back too often, "maxlen" and "rejected".
	// The queue is named without the topology's prefix.
	MetadataFirstDeathReason = "x-first-death-reason"
	MetadataFirstDeathQueue  = "x-first-death-queue"
	// MetadataLastDeathReason and MetadataLastDeathQueue say the same of the
	// latest time.
	MetadataLastDeathReason = "x-last-death-reason"
	MetadataLastDeathQueue  = "x-last-death-queue"
	// MetadataUndecodable marks a message that is neither a hit that travels
	// alone nor a batch, and says why in a few words. Its payload is the body
	// as it came.
	MetadataUndecodable = "undecodable"
)

// marshaler is the form of a message that travels alone.
var marshaler = watermillamqp.DefaultMarshaler{}

// outgoing is a message as it was when Publish was called, so that the caller
// may change the message once Publish has returned, whatever it answered.
type outgoing struct {
	uuid     string
	metadata message.Metadata
	payload  []byte
}

// maxHeaderBytes bounds what a message carries beside its payload. Where it
// travels alone, all of that must fit into one AMQP frame, of 128 KiB by
// default; the broker closes the connection over a larger one.
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

// describesDelivery tells metadata that stems from the broker.
func describesDelivery(key string) bool {
	return strings.HasPrefix(key, "x-") && (key == MetadataDeliveryCount || key == "x-death" || key == "x-acquired-count" ||
		strings.HasPrefix(key, "x-first-death-") || strings.HasPrefix(key, "x-last-death-"))
}

// encode makes one AMQP message of one or more messages.
func (c *confirmChannel) encode(items []outgoing) (amqp.Publishing, error) {
	if len(items) == 1 {
		return marshaler.Marshal(&message.Message{UUID: items[0].uuid, Metadata: items[0].metadata, Payload: items[0].payload})
	}
	c.body = appendBatch(c.body[:0], items)
	return amqp.Publishing{ContentType: batchContentType, DeliveryMode: amqp.Persistent, Body: c.body}, nil
}

// decode makes the messages of a delivery. It always answers at least one:
// what cannot be read becomes one message with MetadataUndecodable.
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

// texts leaves out the headers that are no text, which the broker adds and
// the marshaler refuses.
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

// deliveryMetadata reads what the broker says about a delivery.
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
	// RabbitMQ 4 says the latest death in headers of its own as well.
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

// deliveryCount is how often the message came back to its queue.
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
