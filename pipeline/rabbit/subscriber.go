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
	// Prefetch is how many AMQP messages of a subscription may be under way
	// without being acked. Default 256: at partial load a message holds a few
	// hits, and a commit must find enough of them; of a backlog, where it
	// holds 128, that is some 15 MB of postbacks.
	Prefetch int
	// MaxHits is how many Watermill messages of a subscription may be given
	// out and not yet acked or nacked. Of what else was taken ahead, one AMQP
	// message at most is unpacked: a hit that is given out weighs many times
	// what it does packed. Default 2048.
	MaxHits int
	// MaxBytes is how many bytes of payload they may have together; a single
	// larger one is given out alone. Default 16 MiB.
	MaxBytes int
	// DrainTimeout is how long a subscription that ends waits for what it
	// gave out to be acked. Default 30 s.
	DrainTimeout time.Duration
	// IdleCheck is how often a subscription that gets nothing looks whether
	// its queue really has nothing for it. When a quorum queue is deleted and
	// made again in the same moment, RabbitMQ 3.10 keeps the consumer and
	// drops what it should deliver; after two looks in a row that find such
	// messages the subscription consumes anew. Default 15 s.
	IdleCheck time.Duration
	// Observe, if set, is told of every AMQP message. It must not block.
	Observe func(Receipt)
	// Logger is told when the connection or a subscription comes and goes.
	// Default slog.Default.
	Logger *slog.Logger
}

// weightOf is what a message takes of the budget, which is MaxBytes: its bytes,
// but at least the share at which MaxHits use it up, and all of it at most.
func (o *SubscriberOptions) weightOf(msg *message.Message) int64 {
	share := max(1, o.MaxBytes/o.MaxHits)
	return int64(min(max(share, len(msg.Payload)), o.MaxBytes))
}

// Receipt is one AMQP message that arrived.
type Receipt struct {
	// Topic is the one subscribed to; TOPIC.suspects for a message that was
	// set aside.
	Topic string
	// Hits is how many Watermill messages it holds, Bytes what they weigh.
	Hits, Bytes int
	// Returns is how often it came back to its queue before.
	Returns int64
}

// answerTimeout bounds each wait for the broker's answer.
const answerTimeout = 10 * time.Second

// Subscriber implements Watermill's message.Subscriber. It connects again by
// itself and waits for a queue that is missing.
//
// A batch that comes back a second time is taken apart, and a hit that comes
// back a second time alone is set aside with other suspects. Those are given
// out one at a time, whatever their topic, so that a hit that ends its worker
// reaches the delivery limit by itself.
//
// A message that is nacked comes back through the end of its queue. After the
// subscription's context has ended, or Close was called, a message that is
// nacked or not settled in time stays in its queue; the others of the same
// AMQP message may then be given out again too.
type Subscriber struct {
	options SubscriberOptions
	link    *link

	mu       sync.Mutex
	closed   bool
	stop     context.CancelFunc // ends every subscription
	stopped  context.Context
	running  sync.WaitGroup
	finished chan struct{}
	calm     *calm
	// subscriptions is every one that was made.
	subscriptions []*subscription
	// back is made when a message has to be published again.
	back *Publisher
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber begins to connect in the background. It fails only for
// options that can never work.
func NewSubscriber(options SubscriberOptions) (*Subscriber, error) {
	if options.Prefetch <= 0 {
		options.Prefetch = 256
	}
	if options.MaxHits <= 0 {
		options.MaxHits = 2048
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
	if options.Observe == nil {
		options.Observe = func(Receipt) {}
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	link, err := newLink(options.URL, "integr8 subscriber", answerTimeout, options.Logger)
	if err != nil {
		return nil, err
	}
	s := &Subscriber{options: options, link: link, finished: make(chan struct{}), calm: newCalm()}
	s.stopped, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Subscribe gives out the messages of a topic, which is a work queue or dead,
// until ctx ends or Close is called; then the channel is closed at once. What
// was given out may still be acked, for DrainTimeout.
//
// A message's context carries the values of ctx. It is cancelled when all
// hits that travelled in the same AMQP message are settled, or when the drain
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
	suspects := s.options.Topology.suspects(topic)
	subscriptions := []*subscription{s.newSubscription(ctx, topic, out)}
	subscriptions[0].suspects = suspects
	if suspects != "" {
		aside := s.newSubscription(ctx, suspects, out)
		aside.aside = true
		subscriptions = append(subscriptions, aside)
	}
	out.givers = len(subscriptions)
	s.subscriptions = append(s.subscriptions, subscriptions...)
	for _, sub := range subscriptions {
		s.running.Go(func() {
			defer context.AfterFunc(s.stopped, sub.cancelStop)()
			sub.run()
		})
	}
	return out.messages, nil
}

// newSubscription makes a subscription to one queue, which is not running yet.
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

// Flows returns what the Subscriber has of each topic, those of suspects included.
func (s *Subscriber) Flows() map[string]Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	flows := map[string]Flow{}
	for _, sub := range s.subscriptions {
		flows[sub.topic] = sub.flow.read()
	}
	return flows
}

// publisher is what sends messages back to their queue, one by one.
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

// Close ends every subscription: their channels close at once, what they gave
// out may be acked for DrainTimeout, and the rest returns to the queues.
// Later calls wait for the first and answer nil too.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		<-s.finished
		return nil
	}
	defer close(s.finished)
	s.stop()
	s.running.Wait()
	s.link.close()
	if s.back != nil { // no subscription is left to make one
		return s.back.Close()
	}
	return nil
}
