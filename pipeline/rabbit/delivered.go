package rabbit

import (
	"context"
	"time"
)

type deliveryKey struct{}

// WithDelivery returns a context that holds the time at which the AMQP message of a
// hit arrived. A Subscriber sets it for the messages that it hands out.
func WithDelivery(ctx context.Context, arrived time.Time) context.Context {
	return context.WithValue(ctx, deliveryKey{}, arrived)
}

// DeliveredAt returns when the AMQP message of a hit arrived, from the context of the
// hit's Watermill message. The broker's consumer timeout begins at that time, and
// includes the time that the hit waited in this process. It returns false for a
// message that did not come from a Subscriber.
func DeliveredAt(ctx context.Context) (time.Time, bool) {
	arrived, ok := ctx.Value(deliveryKey{}).(time.Time)
	return arrived, ok
}
