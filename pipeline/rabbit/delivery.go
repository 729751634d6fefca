package rabbit

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// maxNacks is how often the broker may nack a hit that is sent back to its queue.
// After that the whole AMQP message is requeued, which a full queue always accepts.
const maxNacks = 5

// maxSendBackAge bounds how long a delivery tries to send its nacked hits back to
// their queue; after that the whole AMQP message is requeued. RabbitMQ closes the
// channel of a consumer that has not settled a delivery after 30 minutes
// (consumer_timeout), and so requeues everything else that the worker holds.
const maxSendBackAge = 25 * time.Minute

// delivery is an AMQP message whose hits are handed out. It settles itself: it waits
// until each hit is acked or nacked, and then acks or requeues the AMQP message.
type delivery struct {
	consumer *consumer
	message  *amqp.Delivery
	arrived  time.Time
	received time.Time      // when a receiver took the first of its hits
	hits     int            // the messages in it
	counted  int            // those of them that count as hits
	handed   chan handedOut // closed when no more are handed out
	whole    atomic.Bool    // set before handed is closed, when all hits were handed out
	requeued bool
}

// handedOut is a message that was handed out, and its weight in the budget, which is
// kept because the handler may change the message.
type handedOut struct {
	*message.Message
	weight int64
}

func newDelivery(c *consumer, received *amqp.Delivery, messages []*message.Message) *delivery {
	arrived := time.Now()
	counted := 0
	for _, msg := range messages {
		if c.owner.options.IsHit(msg) {
			counted++
		}
	}
	return &delivery{consumer: c, message: received, arrived: arrived, received: receivedAt(messages[0].UUID, arrived),
		hits: len(messages), counted: counted}
}

// begin returns the context of the hits and starts to wait for their acks and nacks.
// settled is called when all hits have one.
func (d *delivery) begin(settled func()) context.Context {
	c := d.consumer
	d.handed = make(chan handedOut, d.hits)
	c.flow.begin(d)
	ctx, cancel := context.WithCancel(WithDelivery(c.base, d.arrived))
	c.underWay.Go(func() {
		defer settled()
		defer cancel()
		defer c.flow.end(d)
		d.settle()
	})
	return ctx
}

// settle waits until every hit that is handed out is acked or nacked. It acks the AMQP
// message when no hit of it is needed in the queue.
func (d *delivery) settle() {
	settled, index := true, 0
	for handed := range d.handed {
		settled = d.verdict(handed.Message, index) && settled
		d.consumer.budget.Release(handed.weight)
		index++
	}
	if settled && d.whole.Load() {
		d.ack()
	}
}

// verdict waits until a hit is acked or nacked. It returns true when the queue need not
// keep this copy: the hit is acked, or was published to the queue again.
func (d *delivery) verdict(msg *message.Message, index int) bool {
	select {
	case <-msg.Acked():
		return true
	case <-msg.Nacked():
		return d.sendBack(index)
	case <-d.consumer.base.Done():
		select {
		case <-msg.Acked():
			return true
		default:
			return false
		}
	}
}

// sendBack publishes a nacked hit to the end of its queue, alone, and retries until
// that succeeds. It returns false when the whole AMQP message returns to the queue
// instead: the broker nacked the hit maxNacks times, the hit can never be sent,
// maxSendBackAge is over, or the subscription ends.
func (d *delivery) sendBack(index int) bool {
	c := d.consumer
	pause := newBackoff()
	nacks := 0
	for !d.requeued && c.stop.Err() == nil && !c.hasEnded() {
		publisher, err := c.owner.publisher()
		if err == nil {
			// Decoded again, because the handler may have changed its message.
			original := c.owner.options.Topology.decode(d.message)[index]
			original.SetContext(c.base) // not stop: a publish that is under way when the subscription ends is completed
			err = publisher.Publish(c.topic, original)
		}
		if err == nil {
			c.stuck.Store(false)
			return true
		}
		if c.stop.Err() == nil && c.stuck.CompareAndSwap(false, true) {
			c.log.Warn("nacked hits cannot be sent back to their queue, trying again", "error", err)
		}
		if errors.Is(err, ErrNacked) {
			nacks++
		}
		wait(c.stop, pause.NextBackOff())
		if nacks == maxNacks || errors.Is(err, ErrUnsendable) || time.Since(d.arrived) > maxSendBackAge {
			d.requeue()
		}
	}
	return false
}

// ack marks the AMQP message as finished; the consumer acks it.
func (d *delivery) ack() { d.consumer.finish(d.message.DeliveryTag) }

// requeue returns the AMQP message to its queue.
func (d *delivery) requeue() {
	d.consumer.requeue(d.message.DeliveryTag)
	d.requeued = true
}
