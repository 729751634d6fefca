package rabbit

import (
	"fmt"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// settler is the part of an AMQP channel that settles deliveries.
type settler interface {
	Ack(tag uint64, multiple bool) error
	Nack(tag uint64, multiple, requeue bool) error
}

// consumer is one AMQP channel of a subscription.
type consumer struct {
	*subscription
	channel *channel
	// broker is the same channel; a test replaces it.
	broker settler

	wake  chan struct{} // holds a token when something may be acked
	ended chan struct{} // closed when nothing is acked on the channel any more
	end   func()
	acker sync.WaitGroup

	mu   sync.Mutex
	open tracker

	received int // deliveries since the last check of the queue
	// stalledChecks counts consecutive checks that saw messages queued but none
	// delivered.
	stalledChecks int
}

func newConsumer(s *subscription, channel *channel) *consumer {
	c := &consumer{
		subscription: s, channel: channel, broker: channel,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
		open: tracker{overtakeAfter: max(1, s.owner.options.Prefetch/2)},
	}
	c.end = sync.OnceFunc(func() { close(c.ended) })
	c.acker.Go(c.ackFinished)
	return c
}

// close ends the acks; it may be called more than once. Handlers keep the messages that
// they hold, and the broker delivers these again.
func (c *consumer) close() {
	c.end()
	c.acker.Wait()
}

func (c *consumer) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// receive takes a delivery that the broker pushed.
func (c *consumer) receive(d *amqp.Delivery) {
	if deliveryCount(d.Headers) == 0 {
		c.handOut(d, func() {})
		return
	}
	c.flow.redelivered()
	c.owner.quarantine.redelivered()
	c.handOut(d, c.owner.quarantine.redeliverySettled)
}

// handOut hands out the hits of an AMQP message one by one, each when the budget has
// room and the reader of the subscription's channel takes it. settled is called once
// all hits are acked or nacked, or the message was isolated.
func (c *consumer) handOut(received *amqp.Delivery, settled func()) {
	c.mu.Lock()
	c.open.add(received.DeliveryTag)
	c.mu.Unlock()

	messages := c.owner.options.Topology.decode(received)
	d := newDelivery(c, received, messages)
	if deliveryCount(received.Headers) >= isolateAfter && c.isolate(messages) {
		d.ack()
		settled()
		return
	}
	ctx := d.begin(settled)
	defer close(d.handed)
	for _, msg := range messages {
		msg.SetContext(ctx)
		weight := c.owner.options.weightOf(msg)
		if c.budget.Acquire(c.stop, weight) != nil {
			return
		}
		select {
		case c.out.messages <- msg:
			d.handed <- handedOut{msg, weight}
		case <-c.channel.Done(): // it would be handed out twice
			c.budget.Release(weight)
			return
		case <-c.stop.Done():
			c.budget.Release(weight)
			return
		}
	}
	d.whole.Store(true)
}

// isolateAfter is the number of redeliveries at which a message is isolated. The
// restart of a worker costs every message that it held one redelivery.
const isolateAfter = 2

// isolate publishes the messages of a batch one by one, or a single message to the
// quarantine. It returns false when that failed or the topic has no quarantine; the
// caller then hands the messages out as usual.
func (c *consumer) isolate(messages []*message.Message) bool {
	to := c.topic
	if len(messages) == 1 {
		to = c.quarantine
	}
	if to == "" {
		return false
	}
	publisher, err := c.owner.publisher()
	if err == nil {
		for _, msg := range messages {
			msg.SetContext(c.stop)
		}
		err = publisher.Publish(to, messages...)
	}
	if err != nil {
		c.log.Warn("a redelivered message could not be isolated, it is handled with the others", "hits", len(messages), "error", err)
	}
	return err == nil
}

// checkForStall returns an error when the queue is gone, or when two consecutive checks
// saw messages in it and none was delivered to this idle consumer.
func (c *consumer) checkForStall() error {
	c.mu.Lock()
	idle := c.received == 0 && c.open.empty()
	c.mu.Unlock()
	c.received = 0
	if !idle {
		c.stalledChecks = 0
		return nil
	}
	queue, err := c.channel.QueueDeclarePassive(c.queue, true, false, false, false, nil)
	if err != nil {
		return missing("queue", c.queue, err)
	}
	if queue.Messages == 0 {
		c.stalledChecks = 0
		return nil
	}
	if c.stalledChecks++; c.stalledChecks < 2 {
		return nil
	}
	return fmt.Errorf("queue %s delivers none of its messages, %d by its own count", c.queue, queue.Messages)
}

// finish notes that a delivery can be acked.
func (c *consumer) finish(tag uint64) {
	c.mu.Lock()
	c.open.finish(tag)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// requeue returns a delivery to its queue. The lock is held until the nack is
// written: if an ack with multiple for a later tag were written before the nack, it
// would settle this delivery too, and its hits would be lost.
func (c *consumer) requeue(tag uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open.drop(tag)
	_ = c.broker.Nack(tag, false, true) // it fails only when the channel is gone, and the delivery is back already
}

// ackFinished acks finished deliveries. Those that finish while a frame is written
// share the next frame.
func (c *consumer) ackFinished() {
	for {
		select {
		case <-c.wake:
			c.ack(false)
		case <-c.ended:
			return
		}
	}
}

func (c *consumer) ack(all bool) {
	c.mu.Lock()
	acks := c.open.take(all)
	c.mu.Unlock()
	// An ack fails only when the channel is lost. The consuming loop reports that,
	// and the broker delivers the message again.
	if acks.upTo > 0 {
		_ = c.broker.Ack(acks.upTo, true)
	}
	for _, tag := range acks.single {
		_ = c.broker.Ack(tag, false)
	}
}

// release acks everything that is finished and returns the rest to the queue at once.
// A nack is sent before the channel closes because RabbitMQ 4.3 and later do
// not count it against the delivery limit.
func (c *consumer) release() {
	c.ack(true)
	_ = c.broker.Nack(0, true, true) // tag 0 means all; when it fails, closing the channel does the same
}
