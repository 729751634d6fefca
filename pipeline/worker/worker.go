// Package worker runs handlers over the queues: a Watermill router with one
// policy for failures around every handler, and a stop that loses nothing.
//
// A message is acknowledged once its handler is done with it, or once it has
// been published, confirmed, to a retry queue or to the dead letters. What a
// failure means is said by package failure alone; see policy for what follows
// from it.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"integr8/pipeline/deadline"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// Handler decides one hit, given with the form in which it travelled. It
// returns nil when the decision is durable. It may be called again with the
// same hit at any time, and by several goroutines at once.
type Handler func(ctx context.Context, h *hit.Hit, request []byte) error

// Archive makes a dead letter durable. The same one may come again.
type Archive func(ctx context.Context, letter DeadLetter) error

// Options make a worker.
type Options struct {
	// Subscriber and Publisher are not closed by Run.
	Subscriber message.Subscriber
	Publisher  message.Publisher
	// Handlers by topic.
	Handlers map[string]Handler
	// Archive takes what arrives in the dead queue; nil leaves it there.
	Archive Archive
	// AttemptTimeout bounds one attempt at one hit. Default 30 s.
	AttemptTimeout time.Duration
	// DrainTimeout is how long hits under way may take once ctx has ended.
	// Default 20 s.
	DrainTimeout time.Duration
	// MaxHold is how long a hit is held in memory through an outage before it
	// goes back to the broker, unspent: well below the 30 minutes after which
	// RabbitMQ takes back what is not acknowledged. Default 10 min.
	MaxHold time.Duration
	// Observe is told of every attempt's end. It may be nil.
	Observe func(topic string, class failure.Class, took time.Duration)
	// ObserveHold is told when handling is held back by an outage, and with nil
	// when it goes on. It must not block. It may be nil.
	ObserveHold func(*Hold)
	Logger      *slog.Logger
}

// Hold is a time in which nothing is handled because a server is out of reach.
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
	if o.ObserveHold == nil {
		o.ObserveHold = func(*Hold) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Run handles hits until ctx ends. Then it takes no more, lets those under
// way finish within DrainTimeout, and returns; what is not done by then goes
// back to its queue when the caller closes the Subscriber, which it must do
// after Run, never before.
func Run(ctx context.Context, options Options) error {
	options = options.withDefaults()
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: options.DrainTimeout}, routerLogger(options.Logger))
	if err != nil {
		return fmt.Errorf("make the router: %w", err)
	}
	// Attempts run on a context that outlives ctx, so that a stop does not
	// fail what is under way; it ends when the drain is over.
	attempts, giveUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer giveUp(failure.ErrShutdown)

	failures := newFailureLog(options.Logger)
	defer failures.close()
	policy := &policy{options: options, stopping: ctx, log: failures, gate: newGate(options.Logger, options.ObserveHold)}
	router.AddMiddleware(policy.around, within(deadline.New(attempts, options.AttemptTimeout)), middleware.Recoverer)
	for topic, handle := range options.Handlers {
		router.AddConsumerHandler(topic, topic, options.Subscriber, decoded(handle))
	}
	if options.Archive != nil {
		router.AddConsumerHandler(hit.TopicDead, hit.TopicDead, options.Subscriber, archived(options.Archive, failures))
	}
	if err := router.Run(ctx); err != nil {
		return fmt.Errorf("run the handlers: %w", err)
	}
	return nil
}

// within gives each attempt a context with its deadline, which other attempts
// may have too.
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

// decoded turns a Handler of hits into one of messages. What is not a hit can
// never be handled.
func decoded(handle Handler) message.NoPublishHandlerFunc {
	return func(msg *message.Message) error {
		if reason := undecodable(msg); reason != "" {
			return failure.Never(fmt.Errorf("%w: %s", errUndecodable, reason))
		}
		h, err := hit.Decode(msg.Payload)
		if err != nil {
			return failure.Never(fmt.Errorf("%w: %w", errUndecodable, err))
		}
		return handle(msg.Context(), h, msg.Payload)
	}
}

// routerLogger passes on the router's warnings and errors only.
func routerLogger(logger *slog.Logger) watermill.LoggerAdapter {
	return terse{watermill.NewSlogLoggerWithLevelMapping(logger, map[slog.Level]slog.Level{
		slog.LevelInfo: slog.LevelDebug,
	})}
}

// terse drops the lines that tell of every message, before they are put
// together.
type terse struct{ watermill.LoggerAdapter }

func (terse) Debug(string, watermill.LogFields) {}
func (terse) Trace(string, watermill.LogFields) {}

func (t terse) With(fields watermill.LogFields) watermill.LoggerAdapter {
	return terse{t.LoggerAdapter.With(fields)}
}
