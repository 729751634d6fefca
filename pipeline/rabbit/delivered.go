package rabbit

import (
	"context"
	"time"
)

type deliveryKey struct{}

// WithDelivery notes in the context of a message when its AMQP message came. A
// Subscriber does so for what it gives out.
func WithDelivery(ctx context.Context, came time.Time) context.Context {
	return context.WithValue(ctx, deliveryKey{}, came)
}

// DeliveredAt is when the AMQP message of a hit arrived, by the context of the
// hit's Watermill message. The broker measures its consumer timeout from then,
// however long the hit waited in this process for its turn. False for a
// message that did not come from a Subscriber.
func DeliveredAt(ctx context.Context) (time.Time, bool) {
	came, ok := ctx.Value(deliveryKey{}).(time.Time)
	return came, ok
}
