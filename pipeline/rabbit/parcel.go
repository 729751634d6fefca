package rabbit

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// refusals is how often a full queue may refuse to take a nacked hit back
// before the whole AMQP message is returned to it, which needs no room.
const refusals = 5

// longestHold is when a delivery returns to its queue as a whole whose nacked
// hits could not be published there until then. RabbitMQ closes the channel of
// a consumer that has not settled a delivery after 30 minutes (consumer_timeout),
// and with that returns everything else that the worker has.
const longestHold = 25 * time.Minute

// parcel is an AMQP message whose hits are given out.
type parcel struct {
	delivery *amqp.Delivery
	came     time.Time
	received time.Time // the first of its hits
	hits     int
	given    chan givenOut // closed when no more are given out
	whole    atomic.Bool   // set before that, when all were
	requeued bool          // the delivery returned to its queue as a whole
}

// givenOut is a message that was given out, and what it takes of the budget: its
// handler may change the message.
type givenOut struct {
	*message.Message
	weight int64
}

// settle waits for the verdict on every hit of the parcel and then for the
// delivery to be acked.
func (c *consumer) settle(p *parcel) {
	settled, index := true, 0
	for given := range p.given {
		settled = c.verdict(p, given.Message, index) && settled
		c.budget.Release(given.weight)
		index++
	}
	if settled && p.whole.Load() {
		c.finish(p.delivery.DeliveryTag)
	}
}

// verdict waits until a hit is acked or nacked, and tells whether the queue
// can do without it.
func (c *consumer) verdict(p *parcel, msg *message.Message, index int) bool {
	select {
	case <-msg.Acked():
		return true
	case <-msg.Nacked():
		return c.sendBack(p, index)
	case <-c.base.Done():
		select {
		case <-msg.Acked():
			return true
		default:
			return false
		}
	}
}

// sendBack publishes a nacked hit to the end of its queue, alone, for as long
// as it takes; false when the delivery returns to the queue instead: because the
// queue is full, because the hit cannot be published at all, or because
// longestHold is over.
func (c *consumer) sendBack(p *parcel, index int) bool {
	pause := newPause()
	refused := 0
	for !p.requeued && c.stop.Err() == nil && c.ended.Err() == nil {
		publisher, err := c.owner.publisher()
		if err == nil {
			// As it came: the handler may have changed what it was given.
			original := c.owner.options.Topology.decode(p.delivery)[index]
			original.SetContext(c.base) // one that is under way when the end comes is seen through
			err = publisher.Publish(c.topic, original)
		}
		if err == nil {
			c.stuck.Store(false)
			return true
		}
		if c.stop.Err() == nil && c.stuck.CompareAndSwap(false, true) {
			c.log.Warn("nacked hits cannot be sent back to their queue, trying again", "error", err)
		}
		if errors.Is(err, ErrRefused) {
			refused++
		}
		wait(c.stop, pause.NextBackOff())
		if refused == refusals || errors.Is(err, ErrUnsendable) || time.Since(p.came) > longestHold {
			c.requeue(p.delivery.DeliveryTag)
			p.requeued = true
		}
	}
	return false
}
