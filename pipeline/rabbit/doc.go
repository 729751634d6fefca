// Package rabbit moves hits through RabbitMQ without losing one: the queues,
// a Watermill Publisher that answers only when the broker has confirmed, and
// a Watermill Subscriber that settles a message only when its hits are.
//
// Hits that wait for the same confirm leave together as one AMQP message and
// are unpacked again on arrival, so handlers see one Watermill message a hit.
// A hit that travels alone has the form of watermill-amqp's DefaultMarshaler.
//
// Delivery is at least once. What a caller can rely on: Publish answers nil
// only for messages that a queue holds durably; a message that a Subscriber
// gave out comes back until it is acked; nothing is dropped because it cannot
// be read.
package rabbit
