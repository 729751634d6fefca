package rabbit

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/sync/semaphore"
)

// SubscriberOptions set up a Subscriber. Zero values mean the defaults.
type SubscriberOptions struct {
	// URL lists the brokers, comma-separated; needed.
	URL string
	// Topology must be the one that was declared.
	Topology Topology
	// Prefetch is how many AMQP messages of a subscription may be delivered and not
	// acked. Default 256: at partial load a message holds only a few hits, and a commit
	// must find enough of them. In a backlog a message holds 128 hits, and 256 messages
	// are about 15 MB of postbacks.
	Prefetch int
	// MaxHits is how many Watermill messages of a subscription may be handed out and not
	// yet acked or nacked. Of the other prefetched AMQP messages at most one is unpacked,
	// because a hit that is handed out uses many times the memory of a packed one.
	// Default 2048.
	MaxHits int
	// IsHit reports whether a message counts as a hit in Flows. Default: every one.
	IsHit func(*message.Message) bool
	// MaxBytes is how many bytes of payload the messages that are handed out may have
	// together; a single larger one is handed out alone. Default 16 MiB.
	MaxBytes int
	// DrainTimeout is how long a subscription that ends waits for the acks of what it
	// handed out. Default 30 s.
	DrainTimeout time.Duration
	// IdleCheck is how often an idle subscription checks that its queue is empty. When
	// a quorum queue is deleted and declared again at the same moment, RabbitMQ 3.10
	// keeps the consumer and drops what it should deliver to it. After two consecutive
	// checks that see messages in the queue the subscription consumes anew. Default 15 s.
	IdleCheck time.Duration
	// Pauses says which topics are not taken for now, their quarantines included. What the
	// broker has delivered before is still handed out and settled. Default: none.
	Pauses *Pauses
	// Logger logs that the connection or a subscription was made or lost.
	// Default slog.Default.
	Logger *slog.Logger
}

// weightOf returns the weight of a message in the budget of MaxBytes: its bytes, but at
// least MaxBytes/MaxHits, so that MaxHits messages use up the budget, and at most
// MaxBytes.
func (o *SubscriberOptions) weightOf(msg *message.Message) int64 {
	share := max(1, o.MaxBytes/o.MaxHits)
	return int64(min(max(share, len(msg.Payload)), o.MaxBytes))
}

// responseTimeout bounds each wait for a response of the broker.
const responseTimeout = 10 * time.Second

// Subscriber implements Watermill's message.Subscriber. It reconnects by itself, and
// retries while a queue is missing.
//
// A batch that is redelivered a second time is published again one hit a message, and
// a hit that is redelivered a second time alone is quarantined. Quarantined messages
// are fetched one at a time, whatever their topic, so that a hit that crashes its
// worker reaches the delivery limit by itself.
//
// A nacked message goes to the end of its queue. After the end of the subscription's
// context, or after Close, a message that is nacked or not settled in time stays in its
// queue; the other hits of the same AMQP message may then be handed out again too.
type Subscriber struct {
	options   SubscriberOptions
	connector *connector

	mu         sync.Mutex
	closed     bool
	running    sync.WaitGroup
	finished   chan struct{}
	quarantine *quarantine
	// subscriptions are all that were ever made.
	subscriptions []*subscription
	// back publishes messages to their queue again; it is made at first use.
	back *Publisher
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber starts to connect in the background. It returns an error only for a
// malformed URL.
func NewSubscriber(options SubscriberOptions) (*Subscriber, error) {
	if options.Prefetch <= 0 {
		options.Prefetch = 256
	}
	if options.MaxHits <= 0 {
		options.MaxHits = 2048
	}
	if options.IsHit == nil {
		options.IsHit = func(*message.Message) bool { return true }
	}
	if options.MaxBytes <= 0 {
		options.MaxBytes = 16 << 20
	}
	if options.DrainTimeout <= 0 {
		options.DrainTimeout = 30 * time.Second
	}
	if options.IdleCheck <= 0 {
		options.IdleCheck = 15 * time.Second
	}
	if options.Pauses == nil {
		options.Pauses = &Pauses{}
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	connector, err := newConnector(options.URL, "integr8 subscriber", responseTimeout, options.Logger)
	if err != nil {
		return nil, err
	}
	return &Subscriber{options: options, connector: connector, finished: make(chan struct{}), quarantine: newQuarantine()}, nil
}

// Subscribe hands out the messages of a topic, which is a work queue or dead,
// until ctx ends or Close is called; then the channel is closed at once. Messages
// that were handed out may still be acked, for DrainTimeout.
//
// A message's context carries the values of ctx. It is cancelled when all
// hits of the same AMQP message are settled, or when the drain
// is over, but not by the end of ctx.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if topic == "" || strings.Contains(topic, "/") {
		return nil, fmt.Errorf("subscribe to %q: not the name of a queue", topic)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, ErrClosed)
	}
	out := &outlet{messages: make(chan *message.Message)}
	pushed := s.newSubscription(ctx, topic, out)
	pushed.quarantine = s.options.Topology.quarantineOf(topic)
	subscriptions := []*subscription{pushed}
	if pushed.quarantine != "" {
		fetched := s.newSubscription(ctx, pushed.quarantine, out)
		fetched.fetches = true
		subscriptions = append(subscriptions, fetched)
	}
	out.users = len(subscriptions)
	s.subscriptions = append(s.subscriptions, subscriptions...)
	for _, sub := range subscriptions {
		s.running.Go(sub.run)
	}
	return out.messages, nil
}

// newSubscription makes a subscription to one queue. The caller starts it.
func (s *Subscriber) newSubscription(ctx context.Context, topic string, out *outlet) *subscription {
	sub := &subscription{
		owner: s, topic: topic, queue: s.options.Topology.queue(topic),
		log:    s.options.Logger.With("topic", topic),
		out:    out,
		budget: semaphore.NewWeighted(int64(s.options.MaxBytes)),
	}
	sub.stop, sub.cancelStop = context.WithCancel(ctx)
	sub.base, sub.cancelBase = context.WithCancel(context.WithoutCancel(ctx))
	return sub
}

// Flows returns the Flow of each topic, including the quarantines.
func (s *Subscriber) Flows() map[string]Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	flows := map[string]Flow{}
	for _, sub := range s.subscriptions {
		flow := sub.flow.read()
		flow.Paused, _ = s.options.Pauses.of(sub.work())
		flows[sub.topic] = flow
	}
	return flows
}

// publisher returns the Publisher that sends messages back to their queue one by one.
func (s *Subscriber) publisher() (*Publisher, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.back == nil {
		back, err := NewPublisher(PublisherOptions{
			URL: s.options.URL, Topology: s.options.Topology, MaxItems: 1, Outstanding: 16, Logger: s.options.Logger,
			connection: "integr8 subscriber, sending back",
		})
		if err != nil {
			return nil, err
		}
		s.back = back
	}
	return s.back, nil
}

// Close ends every subscription. Their channels close at once; messages that were
// handed out may still be acked for DrainTimeout, and the rest returns to the queues.
// Later calls wait for the first and return nil.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	for _, sub := range s.subscriptions {
		sub.cancelStop()
	}
	s.mu.Unlock()
	if again {
		<-s.finished
		return nil
	}
	defer close(s.finished)
	s.running.Wait()
	s.connector.close()
	if s.back != nil { // no subscription is left to make one
		return s.back.Close()
	}
	return nil
}
