package stock

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// WorkOptions set up a worker of the baseline.
type WorkOptions struct {
	DatabaseURL, AMQPURL string
	// Subscriptions handle messages in parallel, each one at a time.
	Subscriptions int
	// Prefetch is how many messages wait at each subscription, so that the next is there
	// when one is done.
	Prefetch int
	Logger   *slog.Logger
	// Ready is called when the worker receives messages. It may be nil.
	Ready func()
}

// Work handles messages until ctx ends.
func Work(ctx context.Context, options WorkOptions) (err error) {
	opened, err := store.Open(options.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	following, cancel := context.WithCancel(ctx)
	reference, stop, err := referenceData(following, opened, options.Logger)
	if err != nil {
		cancel()
		return err
	}
	defer stop()
	defer cancel()
	handler, err := newHandler(ctx, options.DatabaseURL, options.Subscriptions, reference)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, handler.close()) }()

	consuming := config(options.AMQPURL)
	consuming.Consume.Qos.PrefetchCount = options.Prefetch
	logger := watermillLogger(options.Logger)
	subscriber, err := amqp.NewSubscriber(consuming, logger)
	if err != nil {
		return fmt.Errorf("make the subscriber: %w", err)
	}
	defer func() { err = errors.Join(err, subscriber.Close()) }()
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 20 * time.Second}, logger)
	if err != nil {
		return fmt.Errorf("make the router: %w", err)
	}
	router.AddMiddleware(
		middleware.Retry{MaxRetries: 5, InitialInterval: 100 * time.Millisecond, Multiplier: 2, Logger: logger}.Middleware,
		middleware.Recoverer,
	)
	for i := range options.Subscriptions {
		router.AddConsumerHandler(fmt.Sprintf("postbacks %d", i), hit.TopicPostbacks, subscriber, handler.handle)
	}
	if options.Ready != nil {
		go func() {
			select {
			case <-router.Running():
				options.Ready()
			case <-ctx.Done():
			}
		}()
	}
	if err := router.Run(ctx); err != nil {
		return fmt.Errorf("run the router: %w", err)
	}
	return nil
}
