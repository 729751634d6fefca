package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/batch"
)

// PublisherOptions set up a Publisher. Zero values mean the defaults.
type PublisherOptions struct {
	// URL lists the brokers, comma-separated; needed.
	URL string
	// Topology must be the one that was declared.
	Topology Topology
	// ConfirmTimeout bounds each wait for the broker, and Publish as a whole.
	// Default 5 s.
	ConfirmTimeout time.Duration
	// MaxItems is the most messages that share an AMQP message. Default 128;
	// with 1 each travels alone, in the form of watermill-amqp.
	MaxItems int
	// MaxBytes is the most bytes that share an AMQP message. A larger message
	// travels alone. Default 256 KiB.
	MaxBytes int
	// Outstanding is how many AMQP messages of a topic may wait for their
	// confirm at once. Default 2. With 1, what a caller publishes in one call
	// or one call after the other is queued in that order; with more, one
	// call of more than MaxItems messages may be reordered.
	Outstanding int
	// Observe, if set, is told of every AMQP message. It must not block.
	Observe func(Flush)
	// Logger is told when the connection comes and goes. Default slog.Default.
	Logger *slog.Logger

	// connection names the connection, for the broker's listings and the log.
	connection string
}

// Flush is one AMQP message that was sent, or failed to be.
type Flush struct {
	Topic string
	// Hits is how many Watermill messages shared it, Bytes what they weigh.
	Hits, Bytes int
	// Took is the time from the sending to the confirm.
	Took time.Duration
	Err  error
}

// pace is the least time between AMQP messages of a topic that are not full. A
// message costs the broker the same whether it holds one hit or a hundred.
const pace = 3 * time.Millisecond

// MaxMessageBytes is the largest message that Publish accepts: what RabbitMQ
// 4 takes by default is 16 MiB, headers and all.
const MaxMessageBytes = 15 << 20

// Publisher implements Watermill's message.Publisher. It is safe for
// concurrent use, usable while the broker is away (Publish then fails at
// once), and connects again by itself.
type Publisher struct {
	options PublisherOptions
	link    *link
	pool    confirmPool
	groups  sync.Map // topic to *batch.Group[outgoing]

	mu       sync.Mutex
	means    map[string]*mean
	closed   bool
	inFlight sync.WaitGroup
	finished chan struct{}
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher begins to connect in the background. It fails only for options
// that can never work.
func NewPublisher(options PublisherOptions) (*Publisher, error) {
	if options.ConfirmTimeout <= 0 {
		options.ConfirmTimeout = 5 * time.Second
	}
	if options.MaxItems <= 0 {
		options.MaxItems = 128
	}
	if options.MaxBytes <= 0 {
		options.MaxBytes = 256 << 10
	}
	if options.Outstanding <= 0 {
		options.Outstanding = 2
	}
	if options.Observe == nil {
		options.Observe = func(Flush) {}
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.connection == "" {
		options.connection = "integr8 publisher"
	}
	link, err := newLink(options.URL, options.connection, options.ConfirmTimeout, options.Logger)
	if err != nil {
		return nil, err
	}
	return &Publisher{
		options: options, link: link, finished: make(chan struct{}), means: map[string]*mean{},
		pool: confirmPool{timeout: options.ConfirmTimeout},
	}, nil
}

// Publish sends messages to a topic, which is the name of a work queue, dead,
// or what RetryTopic answers. It returns nil when the broker has confirmed
// that a queue holds every one of them.
//
// It waits no longer than ConfirmTimeout and the messages' contexts allow.
// After an error some of the messages may have been sent, or may still be.
// Package failure classifies the error: an outage for what the broker does,
// permanent for a message that cannot travel. Metadata that a broker added to
// a message on an earlier way is not sent again.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if err := p.publish(topic, messages); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

func (p *Publisher) publish(topic string, messages []*message.Message) error {
	if len(messages) == 0 {
		return nil
	}
	to, err := p.options.Topology.destination(topic)
	if err != nil {
		return err
	}
	items := make([]outgoing, len(messages))
	for i, msg := range messages {
		if items[i], err = outgoingOf(msg); err != nil {
			return err
		}
	}
	if !p.enter() {
		return ErrClosed
	}
	defer p.inFlight.Done()
	ctx, release := p.patience(messages)
	defer release()
	// Nothing is queued behind a broker that is known to be away.
	if _, err := p.session(ctx); err != nil {
		return err
	}
	return p.group(topic, to).Do(ctx, items...)
}

// patience ends with ConfirmTimeout and with the first of the messages'
// contexts.
func (p *Publisher) patience(messages []*message.Message) (context.Context, context.CancelFunc) {
	first := messages[0].Context()
	ctx, release := first, context.CancelFunc(func() {})
	if end, bounded := first.Deadline(); !bounded || time.Until(end) > p.options.ConfirmTimeout {
		ctx, release = context.WithTimeoutCause(first, p.options.ConfirmTimeout, ErrUnconfirmed)
	}
	for _, msg := range messages[1:] {
		if other := msg.Context(); other != first {
			inner, cancel := context.WithCancelCause(ctx)
			stop, outer := context.AfterFunc(other, func() { cancel(context.Cause(other)) }), release
			ctx, release = inner, func() { stop(); cancel(nil); outer() }
		}
	}
	return ctx, release
}

// session returns the session if it can make messages durable now.
func (p *Publisher) session(ctx context.Context) (*session, error) {
	session, err := p.link.first(ctx)
	if err != nil {
		return nil, err
	}
	return session, session.err()
}

func (p *Publisher) group(topic string, to destination) *batch.Group[outgoing] {
	if group, ok := p.groups.Load(topic); ok {
		return group.(*batch.Group[outgoing])
	}
	group, _ := p.groups.LoadOrStore(topic, batch.New(batch.Options[outgoing]{
		MaxItems:    p.options.MaxItems,
		MaxBytes:    p.options.MaxBytes,
		Size:        outgoing.size,
		Outstanding: p.options.Outstanding,
		Pace:        pace,
		// The broker may be set to take less than a batch.
		Isolate: func(err error) bool { return errors.Is(err, ErrUnsendable) },
	}, func(items []outgoing) error { return p.flush(topic, to, items) }))
	return group.(*batch.Group[outgoing])
}

// flush sends items as one AMQP message and waits for its confirm.
func (p *Publisher) flush(topic string, to destination, items []outgoing) error {
	start := time.Now()
	bytes, err := p.send(to, items)
	if err == nil {
		p.count(topic, len(items))
	}
	p.options.Observe(Flush{Topic: topic, Hits: len(items), Bytes: bytes, Took: time.Since(start), Err: err})
	return err
}

func (p *Publisher) count(topic string, hits int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.means[topic] == nil {
		p.means[topic] = &mean{}
	}
	p.means[topic].add(hits)
}

// HitsPerMessage returns the mean of the latest AMQP messages of each topic that
// something was published to.
func (p *Publisher) HitsPerMessage() map[string]float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	means := map[string]float64{}
	for topic, m := range p.means {
		means[topic] = m.value()
	}
	return means
}

func (p *Publisher) send(to destination, items []outgoing) (bytes int, err error) {
	session, err := p.session(context.Background())
	if err != nil {
		return 0, err
	}
	channel, err := p.pool.get(session)
	if err != nil {
		return 0, err
	}
	publishing, err := channel.encode(items)
	if err == nil {
		err = channel.publish(to, publishing, p.options.ConfirmTimeout)
	}
	p.pool.put(channel, err)
	return len(publishing.Body), err
}

// Err says why the Publisher can make nothing durable right now, or nil.
func (p *Publisher) Err() error {
	session, _, err := p.link.state()
	switch {
	case session != nil:
		return session.err()
	case err != nil:
		return unavailable(err)
	default:
		return ErrConnecting
	}
}

// Ping is Err after a sign of life from the broker, on the connection that
// messages take. It waits for that until ctx ends.
func (p *Publisher) Ping(ctx context.Context) error {
	if err := p.Err(); err != nil {
		return err
	}
	session, _, err := p.link.state()
	if session == nil {
		return unavailable(err)
	}
	return session.ping(ctx)
}

// Ready reports whether messages can be made durable right now: the broker is
// connected, answers, and takes messages.
func (p *Publisher) Ready() bool { return p.Err() == nil }

func (p *Publisher) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.inFlight.Add(1)
	return true
}

// Close lets the publishes under way finish, which takes ConfirmTimeout at
// most, and disconnects. Later calls wait for the first and answer nil too.
func (p *Publisher) Close() error {
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		<-p.finished
		return nil
	}
	defer close(p.finished)
	p.inFlight.Wait()
	p.link.close()
	p.pool.discarded.Wait()
	return nil
}
