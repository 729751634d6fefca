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
	// with 1 each is sent alone, in the form of watermill-amqp.
	MaxItems int
	// MaxBytes is the most bytes that share an AMQP message. A larger message
	// is sent alone. Default 256 KiB.
	MaxBytes int
	// Outstanding is how many AMQP messages of a topic may wait for their
	// confirm at once. Default 2. With 1, messages keep their order within a call of
	// Publish and over consecutive calls of one caller; with more, the messages of one
	// call with more than MaxItems of them may be reordered.
	Outstanding int
	// Observe, if set, is called after every AMQP message. It must not block.
	Observe func(Flush)
	// Logger logs that the connection was made or lost. Default slog.Default.
	Logger *slog.Logger

	// connection names the connection, for the broker's listings and the log.
	connection string
}

// OutstandingFor returns how many AMQP messages of at most so many items may wait for
// their confirm: two, so that one travels while the other is written to disk, or as
// many small ones as hold 256 items.
func OutstandingFor(maxItems int) int {
	const items = 256
	return max(2, items/max(1, maxItems))
}

// Flush is the result of sending one AMQP message.
type Flush struct {
	Topic string
	// Hits is how many Watermill messages shared it, Bytes the size of its body.
	Hits, Bytes int
	// Took is the time from the send to the confirm or the error.
	Took time.Duration
	// Err is why the message is not confirmed, or nil.
	Err error
}

// pace is the least time between two AMQP messages of a topic that are not full. An
// AMQP message costs the broker the same with one hit as with a hundred.
const pace = 3 * time.Millisecond

// MaxMessageBytes is the largest message that Publish accepts. RabbitMQ 4 accepts
// 16 MiB by default, headers included.
const MaxMessageBytes = 15 << 20

// Publisher implements Watermill's message.Publisher. It is safe for concurrent use.
// It reconnects by itself; while there is no connection, Publish fails at once.
type Publisher struct {
	options   PublisherOptions
	connector *connector
	pool      confirmPool
	groups    sync.Map // topic to *batch.Group[outgoing]

	mu       sync.Mutex
	means    map[string]*mean
	closed   bool
	inFlight sync.WaitGroup
	finished chan struct{}
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher starts to connect in the background. It returns an error only for a
// malformed URL.
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
	connector, err := newConnector(options.URL, options.connection, options.ConfirmTimeout, options.Logger)
	if err != nil {
		return nil, err
	}
	return &Publisher{
		options: options, connector: connector, finished: make(chan struct{}), means: map[string]*mean{},
		pool: confirmPool{timeout: options.ConfirmTimeout},
	}, nil
}

// Publish sends messages to a topic, which is the name of a work queue, dead,
// or what RetryTopic returns. It returns nil when the broker has confirmed
// that a queue holds every one of them.
//
// It returns at the latest after ConfirmTimeout, or when the first of the messages'
// contexts ends. After an error some of the messages may have been sent, or may still
// be sent. Package failure classifies the error: as an outage when the broker failed,
// as permanent (ErrUnsendable) when a message can never be sent. Publish does not send
// the metadata that a broker added to an earlier delivery of a message.
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
	ctx, release := p.bounded(messages)
	defer release()
	// While there is no connection the messages are not queued.
	if _, err := p.session(ctx); err != nil {
		return err
	}
	return p.group(topic, to).Do(ctx, items...)
}

// bounded returns a context that ends with ConfirmTimeout and with the first of the
// messages' contexts.
func (p *Publisher) bounded(messages []*message.Message) (context.Context, context.CancelFunc) {
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
	session, err := p.connector.first(ctx)
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
		// The broker's max_message_size may be smaller than a batch.
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

// HitsPerMessage returns, for each topic that was published to, the mean number of hits
// in its latest AMQP messages.
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

// Err returns why the Publisher cannot make messages durable now, or nil.
func (p *Publisher) Err() error {
	session, _, err := p.connector.state()
	switch {
	case session != nil:
		return session.err()
	case err != nil:
		return unavailable(err)
	default:
		return ErrConnecting
	}
}

// Ping sends a request on the connection of the Publisher and waits for the response
// until ctx ends. It returns the error of Err or of the request.
func (p *Publisher) Ping(ctx context.Context) error {
	if err := p.Err(); err != nil {
		return err
	}
	session, _, err := p.connector.state()
	if session == nil {
		return unavailable(err)
	}
	return session.ping(ctx)
}

// Ready reports whether messages can be made durable now: the broker is connected,
// responds, and accepts messages.
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

// Close waits for the publishes under way, ConfirmTimeout at most, and disconnects. It
// always returns nil. Later calls wait for the first.
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
	p.connector.close()
	p.pool.discarded.Wait()
	return nil
}
