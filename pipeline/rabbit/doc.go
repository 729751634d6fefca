// Package rabbit moves messages through RabbitMQ without losing one. It has the
// topology of the queues, a Watermill Publisher that returns only when the broker has
// confirmed, and a Watermill Subscriber that acks an AMQP message only when each hit
// in it is settled. This package calls a Watermill message a hit, whatever its topic,
// to distinguish it from an AMQP message, which may hold many hits.
//
// Hits that wait for the same confirm are sent together as one AMQP message. The
// Subscriber unpacks them, so that handlers see one Watermill message a hit. A hit
// that is sent alone has the form of watermill-amqp's DefaultMarshaler.
//
// The package guarantees three things. Publish returns nil only for messages that a
// queue holds durably. A message that a Subscriber hands out is delivered again until
// it is acked. No message is dropped because it cannot be decoded.
//
// It does not guarantee that a message is delivered only once, nor an order beyond
// that of PublisherOptions.Outstanding: handlers must be idempotent.
package rabbit
