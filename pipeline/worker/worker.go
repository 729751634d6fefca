// Package worker runs handlers for the messages of the queues. It is a Watermill router
// with one policy for failures around every handler, and a stop that loses nothing.
//
// A message is acked when its handler has succeeded, or when the broker has confirmed it
// in a retry queue or in the dead queue. Package failure classifies each error, and
// policy decides by the class what happens to the message.
//
// Handlers are called at least once for each message, in no order, and must be
// idempotent.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"integr8/pipeline/deadline"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// Options make a worker.
type Options struct {
	// Subscriber and Publisher are not closed by Run.
	Subscriber message.Subscriber
	Publisher  message.Publisher
	// Topology must be that of both. It holds the retry delays of each topic.
	Topology rabbit.Topology
	// Routes has one element for each topic. The first with an archive also archives dead
	// letters without a known topic.
	Routes []Route
	// AttemptTimeout bounds one attempt at one message. Default 30 s.
	AttemptTimeout time.Duration
	// DrainTimeout is how long messages under way may take after ctx has ended.
	// Default 20 s.
	DrainTimeout time.Duration
	// MaxHold is how long a message is held in memory during an outage before it
	// returns to the broker without costing an attempt. It must be well below the 30
	// minutes after which RabbitMQ requeues a message that is not acked. Default 10 min.
	MaxHold time.Duration
	// Observe is called at the end of every attempt. It may be nil.
	Observe func(topic string, class failure.Class, took time.Duration)
	// ObserveFailure is called with the error of every attempt that failed, but for one that
	// the end of the worker cut short. It may be nil.
	ObserveFailure func(topic string, err error)
	// ObserveRetry is called when a message has been published to be tried again later. It
	// must not block. It may be nil.
	ObserveRetry func(Retry)
	// ObserveHold is called when an outage begins to hold messages, and with nil
	// when handling continues. It must not block. It may be nil.
	ObserveHold func(*Hold)
	// Logger logs failed attempts, dead letters and holds. Default: nothing is logged.
	Logger *slog.Logger
}

// Retry is an attempt that failed, and after which a message is tried again.
type Retry struct {
	Topic   string
	Payload []byte
	// Attempt counts from 1.
	Attempt int
	// Error is one line.
	Error        string
	Failed, Next time.Time
}

// Hold is a time in which no message is handled because a server cannot be used.
type Hold struct {
	Since time.Time
	Cause error
}

func (o Options) withDefaults() Options {
	if o.AttemptTimeout == 0 {
		o.AttemptTimeout = 30 * time.Second
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = 20 * time.Second
	}
	if o.MaxHold == 0 {
		o.MaxHold = 10 * time.Minute
	}
	if o.Observe == nil {
		o.Observe = func(string, failure.Class, time.Duration) {}
	}
	if o.ObserveFailure == nil {
		o.ObserveFailure = func(string, error) {}
	}
	if o.ObserveRetry == nil {
		o.ObserveRetry = func(Retry) {}
	}
	if o.ObserveHold == nil {
		o.ObserveHold = func(*Hold) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Run handles messages until ctx ends. Then it takes no more messages, waits up to
// DrainTimeout for those under way, and returns. Unfinished messages return to their
// queue when the caller closes the Subscriber, which it must do after Run has returned,
// never before.
func Run(ctx context.Context, options Options) error {
	options = options.withDefaults()
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: options.DrainTimeout}, routerLogger(options.Logger))
	if err != nil {
		return fmt.Errorf("make the router: %w", err)
	}
	// Attempts have a context that does not end with ctx, so that a stop does not
	// fail them. It ends when the drain is over.
	attempts, cancelAttempts := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancelAttempts(failure.ErrShutdown)

	failures := newFailureLog(options.Logger)
	defer failures.close()
	policy := &policy{options: options, stopping: ctx, log: failures, gate: newGate(options.Logger, options.ObserveHold)}
	router.AddMiddleware(policy.around, within(deadline.New(attempts, options.AttemptTimeout)), middleware.Recoverer)
	for _, route := range options.Routes {
		router.AddConsumerHandler(route.topic, route.topic, options.Subscriber, route.handle)
	}
	if archives := newArchives(options, failures); archives != nil {
		router.AddConsumerHandler(rabbit.TopicDead, rabbit.TopicDead, options.Subscriber, archives.handle)
	}
	if err := router.Run(ctx); err != nil {
		return fmt.Errorf("run the handlers: %w", err)
	}
	return nil
}

// within sets the context of each attempt. Other attempts may share its deadline.
func within(limit *deadline.Shared) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			before := msg.Context()
			defer msg.SetContext(before)
			msg.SetContext(limit.Context())
			return next(msg)
		}
	}
}
