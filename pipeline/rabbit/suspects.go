package rabbit

import (
	"context"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A message that ends its worker takes along whatever else that worker has
// been given: the broker counts the return against all of it. So a suspect is
// fetched, not delivered ahead, when nothing else is at stake: only one at a
// time is with a worker, of whatever topic, and none while that worker still
// has messages that came back before. Then a message reaches the delivery
// limit by what it does itself.

// suspectPoll is how often a queue of suspects that was empty is looked at.
const suspectPoll = time.Second

// calmAfter is how long a worker takes its usual messages before it fetches a
// suspect. Those that came back are delivered first, within milliseconds.
const calmAfter = 500 * time.Millisecond

// calm tells when a worker may fetch a suspect. All subscriptions of a
// Subscriber share one.
type calm struct {
	// alone is held by the suspect that is under way.
	alone chan struct{}

	mu       sync.Mutex
	returned int           // messages under way that came back before
	since    time.Time     // when a queue last began to deliver
	changed  chan struct{} // closed and replaced when returned gets 0
}

func newCalm() *calm {
	return &calm{alone: make(chan struct{}, 1), changed: make(chan struct{})}
}

// begun notes that a queue has begun to deliver.
func (c *calm) begun() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = time.Now()
}

// took notes that a message which came back is under way; settled ends that.
func (c *calm) took() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.returned++
}

func (c *calm) settled() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.returned--; c.returned == 0 {
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

// take waits until a suspect may be fetched and no other is under way; false
// when ctx ends first. After true, leave must follow.
func (c *calm) take(ctx context.Context) bool {
	for {
		c.mu.Lock()
		returned, rest, changed := c.returned, calmAfter-time.Since(c.since), c.changed
		if c.since.IsZero() { // nothing is delivered yet
			rest = calmAfter
		}
		c.mu.Unlock()
		switch {
		case returned > 0:
			select {
			case <-changed:
			case <-ctx.Done():
				return false
			}
		case rest > 0:
			if !wait(ctx, rest) {
				return false
			}
		default:
			select {
			case c.alone <- struct{}{}:
				return true
			case <-ctx.Done():
				return false
			}
		}
	}
}

func (c *calm) leave() { <-c.alone }

// fetch gives out suspects, one after the other, until the channel is lost,
// and answers why, or until the subscription is stopped and drained.
func (s *subscription) fetch() error {
	session, err := s.owner.link.wait(s.stop)
	if err != nil {
		return err
	}
	channel, err := session.channel(answerTimeout)
	if err != nil {
		return err
	}
	defer session.discard(channel)
	c := newConsumer(s, channel)
	c.lost = channel.NotifyClose(make(chan *amqp.Error, 1))
	lost := channel.NotifyClose(make(chan *amqp.Error, 1))
	s.flow.consume(true)
	defer s.flow.consume(false)
	defer c.close()
	for s.owner.calm.take(s.stop) {
		delivery, found, err := s.fetchOne(session, channel)
		if !found {
			s.owner.calm.leave()
			if err != nil {
				return err
			}
			select {
			case <-s.stop.Done():
			case err := <-lost:
				return closedBecause(err)
			case <-time.After(suspectPoll):
			}
			continue
		}
		settled := make(chan struct{})
		c.give(&delivery, func() { s.owner.calm.leave(); close(settled) })
		select {
		case <-settled:
		case <-s.stop.Done():
		case err := <-lost:
			return closedBecause(err)
		}
	}
	s.endOutput()
	s.drain()
	c.close()
	c.release()
	return nil
}

func (s *subscription) fetchOne(session *session, channel *amqp.Channel) (delivery amqp.Delivery, found bool, err error) {
	err = session.bounded(answerTimeout, func() (err error) {
		delivery, found, err = channel.Get(s.queue, false)
		return err
	})
	switch {
	case err == nil:
		return delivery, found, nil
	case hasCode(err, amqp.NotFound):
		return delivery, false, fmt.Errorf("queue %s is missing: run `integr8 topology`: %w", s.queue, err)
	default:
		return delivery, false, fmt.Errorf("fetch from queue %s: %w", s.queue, err)
	}
}
