package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/semaphore"
)

// subscription is a call of Subscribe, or the part of one that takes the
// suspects. It consumes from one queue, on one AMQP channel after the other,
// until it is stopped.
type subscription struct {
	owner *Subscriber
	topic string
	queue string
	// suspects is the topic for what comes back alone; empty when there is
	// none.
	suspects string
	// aside is set where suspects are taken.
	aside bool
	log   *slog.Logger
	out   *outlet // nil once nothing more is given out
	// budget counts the bytes of the messages that are given out.
	budget *semaphore.Weighted

	// stop ends the giving out, base what was given out.
	stop       context.Context
	cancelStop context.CancelFunc
	base       context.Context
	cancelBase context.CancelFunc
	// given counts the AMQP messages of which something is given out, on
	// whatever channel they came.
	given sync.WaitGroup
	flow  flow
	// stuck is set while nacked hits cannot be sent back, so that this is
	// told once and not for every hit.
	stuck atomic.Bool
}

func (s *subscription) run() {
	defer s.cancelStop()
	pause := newPause()
	reported := ""
	consume := s.consume
	if s.aside {
		consume = s.fetch
	}
	for s.stop.Err() == nil {
		since := time.Now()
		err := consume()
		if s.stop.Err() != nil {
			break
		}
		if time.Since(since) > settled {
			pause.Reset()
			reported = ""
		}
		if text := err.Error(); text != reported {
			reported = text
			s.log.Warn("subscription lost, trying again", "error", text)
		}
		wait(s.stop, pause.NextBackOff())
	}
	if s.out != nil { // stopped while nothing was consumed
		s.endOutput()
		s.drain()
	}
}

// endOutput tells the receiver that nothing more comes from here.
func (s *subscription) endOutput() {
	s.out.leave()
	s.out = nil
}

// outlet is the channel that the subscriptions of one call of Subscribe give
// their messages out on.
type outlet struct {
	messages chan *message.Message

	mu     sync.Mutex
	givers int // those that may still give something
}

// leave is called once by each giver; after the last the channel is closed.
func (o *outlet) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.givers--; o.givers == 0 {
		close(o.messages)
	}
}

// drain waits until everything given out is settled, or for DrainTimeout, and
// ends the contexts of what is left then.
func (s *subscription) drain() {
	overdue := time.AfterFunc(s.owner.options.DrainTimeout, s.cancelBase)
	s.given.Wait()
	overdue.Stop()
	s.cancelBase()
}

// consume gives out messages until the channel is lost, and answers why, or
// until the subscription is stopped and drained.
func (s *subscription) consume() error {
	session, err := s.owner.link.wait(s.stop)
	if err != nil {
		return err
	}
	channel, err := session.channel(answerTimeout)
	if err != nil {
		return err
	}
	defer session.discard(channel)
	closes := channel.NotifyClose(make(chan *amqp.Error, 1))
	cancels := channel.NotifyCancel(make(chan string, 1))
	var deliveries <-chan amqp.Delivery
	const tag = "hits" // consumer tags are the channel's own
	err = session.bounded(answerTimeout, func() (err error) {
		if err = channel.Qos(s.owner.options.Prefetch, 0, false); err == nil {
			deliveries, err = channel.Consume(s.queue, tag, false, false, false, false, nil)
		}
		return err
	})
	if err != nil {
		if hasCode(err, amqp.NotFound) {
			return fmt.Errorf("queue %s is missing: run `integr8 topology`: %w", s.queue, err)
		}
		return fmt.Errorf("consume from queue %s: %w", s.queue, err)
	}

	s.flow.consume(true)
	defer s.flow.consume(false)
	s.owner.calm.begun()
	idle := time.NewTicker(s.owner.options.IdleCheck)
	defer idle.Stop()
	c := newConsumer(s, channel)
	c.lost = channel.NotifyClose(make(chan *amqp.Error, 1))
	defer c.close()
	for {
		select {
		case <-s.stop.Done():
			s.endOutput()
			_ = session.bounded(closeTimeout, func() error { return channel.Cancel(tag, false) }) // the channel closes anyway
			s.drain()
			c.close()
			c.release()
			return nil
		case delivery, open := <-deliveries:
			if !open {
				return whyEnded(closes, cancels)
			}
			c.receive(&delivery)
			c.received++
		case <-idle.C:
			err := session.bounded(answerTimeout, c.lookForNeglect)
			if err != nil {
				return err
			}
		}
	}
}

// whyEnded finds the reason that the broker gave for ending a consumer.
func whyEnded(closes <-chan *amqp.Error, cancels <-chan string) error {
	select {
	case err := <-closes:
		return closedBecause(err)
	case _, cancelled := <-cancels:
		if !cancelled {
			return closedBecause(<-closes)
		}
		return errors.New("the broker cancelled the consumer: its queue was deleted or moved")
	}
}

func closedBecause(err *amqp.Error) error {
	if err == nil {
		return amqp.ErrClosed
	}
	return err
}
