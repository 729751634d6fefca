package rabbit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// suspectAfter is the number of returns at which a message is no longer taken
// as it comes: a batch is taken apart, and a hit that is alone already goes to
// the suspects. One return is what a restart of a worker costs everything it
// had under way.
const suspectAfter = 2

// settler is the part of an AMQP channel that settles deliveries.
type settler interface {
	Ack(tag uint64, multiple bool) error
	Nack(tag uint64, multiple, requeue bool) error
}

// consumer is one AMQP channel of a subscription.
type consumer struct {
	*subscription
	channel *amqp.Channel
	// broker is the channel again, as far as deliveries are settled on it.
	broker settler
	// lost tells that the channel is gone.
	lost <-chan *amqp.Error
	// ended ends when nothing is acked on the channel any more.
	ended context.Context
	end   context.CancelFunc

	wake  chan struct{} // holds a token when something may be acked
	acker sync.WaitGroup

	mu   sync.Mutex
	open tracker

	received  int // deliveries since the last look at the queue
	neglected int // looks in a row that found messages that did not come
}

func newConsumer(s *subscription, channel *amqp.Channel) *consumer {
	c := &consumer{
		subscription: s, channel: channel, broker: channel,
		wake: make(chan struct{}, 1),
		open: tracker{patience: max(1, s.owner.options.Prefetch/2)},
	}
	c.ended, c.end = context.WithCancel(context.Background())
	c.acker.Go(c.ackFinished)
	return c
}

// close ends what runs for the channel; it may be called again. Messages it gave out stay with their
// handlers; the broker gives them out again.
func (c *consumer) close() {
	c.end()
	c.acker.Wait()
}

// receive takes a delivery that came by itself.
func (c *consumer) receive(d *amqp.Delivery) {
	if deliveryCount(d.Headers) == 0 {
		c.give(d, func() {})
		return
	}
	c.owner.calm.took()
	c.give(d, c.owner.calm.settled)
}

// give gives out the hits of a delivery one by one, as the budget and the
// receiver of the subscription take them. settled is called once all of them
// have a verdict, or the delivery was set aside.
func (c *consumer) give(d *amqp.Delivery, settled func()) {
	c.mu.Lock()
	c.open.add(d.DeliveryTag)
	c.mu.Unlock()

	messages := c.owner.options.Topology.decode(d)
	returns := deliveryCount(d.Headers)
	c.owner.options.Observe(Receipt{Topic: c.topic, Hits: len(messages), Bytes: len(d.Body), Returns: returns})
	if returns >= suspectAfter && c.setAside(messages) {
		c.finish(d.DeliveryTag)
		settled()
		return
	}

	came := time.Now()
	p := &parcel{delivery: d, came: came, received: receivedAt(messages[0].UUID, came), hits: len(messages), given: make(chan givenOut, len(messages))}
	c.flow.begin(p)
	ctx, cancel := context.WithCancel(WithDelivery(c.base, p.came))
	c.given.Go(func() {
		defer settled()
		defer cancel()
		defer c.flow.end(p)
		c.settle(p)
	})
	defer close(p.given)
	for _, msg := range messages {
		msg.SetContext(ctx)
		weight := c.owner.options.weightOf(msg)
		if c.budget.Acquire(c.stop, weight) != nil {
			return
		}
		select {
		case c.out.messages <- msg:
			p.given <- givenOut{msg, weight}
		case <-c.lost: // it would be given out twice
			c.budget.Release(weight)
			return
		case <-c.stop.Done():
			c.budget.Release(weight)
			return
		}
	}
	p.whole.Store(true)
}

// lookForNeglect returns an error when the queue is gone, or has messages and
// delivers none of them to a consumer that has nothing to do.
func (c *consumer) lookForNeglect() error {
	c.mu.Lock()
	idle := c.received == 0 && c.open.empty()
	c.mu.Unlock()
	c.received = 0
	if !idle {
		c.neglected = 0
		return nil
	}
	queue, err := c.channel.QueueDeclarePassive(c.queue, true, false, false, false, nil)
	if err != nil {
		return missing("queue", c.queue, err)
	}
	if queue.Messages == 0 {
		c.neglected = 0
		return nil
	}
	if c.neglected++; c.neglected < 2 {
		return nil
	}
	return fmt.Errorf("queue %s holds %d messages and delivers none", c.queue, queue.Messages)
}

// setAside publishes the messages of a batch one by one, or a single one to
// the suspects; false when that did not work out or there is no place aside,
// and they are given out as they are.
func (c *consumer) setAside(messages []*message.Message) bool {
	to := c.topic
	if len(messages) == 1 {
		to = c.suspects
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
		c.log.Warn("what came back could not be set aside, it is handled with the others", "hits", len(messages), "error", err)
	}
	return err == nil
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

// requeue returns a delivery to its queue. The lock is held until the broker
// has been told: an ack up to a later tag that overtook the nack would settle
// this delivery too, and its hits would be lost.
func (c *consumer) requeue(tag uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open.drop(tag)
	_ = c.broker.Nack(tag, false, true) // when the channel is gone the delivery is back already
}

// ackFinished acks what is finished. While a frame is written more finishes,
// and one frame covers it all.
func (c *consumer) ackFinished() {
	for {
		select {
		case <-c.wake:
			c.ack(false)
		case <-c.ended.Done():
			return
		}
	}
}

func (c *consumer) ack(all bool) {
	c.mu.Lock()
	acks := c.open.take(all)
	c.mu.Unlock()
	// An ack that fails means that the channel is lost, which the consuming
	// loop sees and tells; the broker gives the delivery out again.
	if acks.upTo > 0 {
		_ = c.broker.Ack(acks.upTo, true)
	}
	for _, tag := range acks.single {
		_ = c.broker.Ack(tag, false)
	}
}

// release acks everything that is finished and gives the rest back at once. A
// nack says so before the channel closes because RabbitMQ 4.3 and later do
// not count it against the delivery limit.
func (c *consumer) release() {
	c.ack(true)
	_ = c.broker.Nack(0, true, true) // tag 0 stands for all; closing the channel does the same
}
