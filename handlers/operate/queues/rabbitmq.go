package queues

import (
	"context"

	"integr8/pipeline/rabbit"
)

// RabbitMQ is the Broker and the Declarer of a topology.
type RabbitMQ struct {
	Topology rabbit.Topology
	URL      string
	// Limit bounds the time of each survey. Where it is nil the caller's context does.
	Limit func(context.Context) (context.Context, context.CancelFunc)
}

// Survey is that of the topology.
func (r RabbitMQ) Survey(ctx context.Context, complete func(rabbit.Survey) bool) (rabbit.Survey, error) {
	if r.Limit != nil {
		limited, cancel := r.Limit(ctx)
		defer cancel()
		ctx = limited
	}
	return r.Topology.Survey(ctx, r.URL, complete)
}

// CheckDeadLettering is that of the topology.
func (r RabbitMQ) CheckDeadLettering(ctx context.Context) error {
	return r.Topology.CheckDeadLettering(ctx, r.URL)
}

// Declare is that of the topology.
func (r RabbitMQ) Declare(ctx context.Context) error { return r.Topology.Declare(ctx, r.URL) }

// Depths is that of the topology.
func (r RabbitMQ) Depths(ctx context.Context) ([]rabbit.Depth, error) {
	return r.Topology.Depths(ctx, r.URL)
}
