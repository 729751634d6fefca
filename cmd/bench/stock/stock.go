// Package stock is the baseline of the bench: the same doors and the same rules on
// watermill-amqp's own publisher and subscriber, with one Postgres transaction a
// message, in the way of Watermill's documentation and tuned as far as its settings
// allow.
//
// It differs from integr8 only in how hits travel and are written: publisher confirms
// with a pool of channels, Watermill's Router with its usual middleware, several
// subscriptions for parallel work, prepared statements. It keeps the same rows and the
// same dedup key, but leaves out what a baseline does not need: retries through the
// broker, dead letters, waiting postbacks, replay.
package stock

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	amqp091 "github.com/rabbitmq/amqp091-go"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// queuePrefix begins the names of the baseline's queues.
const queuePrefix = "stock."

// Queue is the queue of postbacks.
const Queue = queuePrefix + hit.TopicPostbacks

// config returns watermill-amqp's durable queue as a quorum queue. Messages are
// published through the default exchange, under the queue's name.
func config(url string) amqp.Config {
	c := amqp.NewDurableQueueConfig(url)
	name := func(topic string) string { return queuePrefix + topic }
	c.Queue.GenerateName = name
	c.Queue.Arguments = amqp091.Table{"x-queue-type": "quorum"}
	c.Publish.GenerateRoutingKey = name
	return c
}

// referenceData returns the accounts, offers and tokens, kept up to date until ctx
// ends; stop waits for the end of that.
func referenceData(ctx context.Context, opened *store.Store, logger *slog.Logger) (reference *store.Reference, stop func(), err error) {
	reference = store.NewReference(opened, store.ReferenceOptions{Logger: logger})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = reference.Run(ctx) // ends with ctx, and has no other error
	}()
	select {
	case <-reference.Loaded():
		return reference, func() { <-done }, nil
	case <-ctx.Done():
		<-done
		return nil, nil, fmt.Errorf("load reference data: %w", context.Cause(ctx))
	}
}

func watermillLogger(logger *slog.Logger) watermill.LoggerAdapter {
	return watermill.NewSlogLoggerWithLevelMapping(logger, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug})
}
