package rabbit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/sync/semaphore"
)

// subscription takes the messages of one queue, on one AMQP channel after the other,
// until it is stopped. A call of Subscribe makes one for the work queue, and one for its
// quarantine.
type subscription struct {
	owner *Subscriber
	topic string
	queue string
	// quarantine is the topic to which messages are published that were redelivered
	// alone; empty when there is none.
	quarantine string
	// fetches is set for the subscription to a quarantine, which fetches one message at a
	// time.
	fetches bool
	log     *slog.Logger
	out     *outlet // nil once nothing more is handed out
	// budget counts the bytes of the messages that are handed out.
	budget *semaphore.Weighted

	// stop ends the handing out. It is derived from the context of Subscribe, and kept
	// here because Subscribe returns long before. The contexts of messages are derived
	// from base, which ends after the drain, so that handlers can finish their messages
	// when stop ends.
	stop       context.Context
	cancelStop context.CancelFunc
	base       context.Context
	cancelBase context.CancelFunc
	// underWay counts the AMQP messages with hits that are handed out, on all channels
	// of the subscription.
	underWay sync.WaitGroup
	flow     flow
	// stuck is set while nacked hits cannot be sent back, so that the error is
	// logged once and not for every hit.
	stuck atomic.Bool
}

// work returns the topic whose pause the subscription obeys: that of a quarantine is the one
// whose hits it holds.
func (s *subscription) work() string {
	if topic, quarantined := QuarantinedTopic(s.topic); quarantined {
		return topic
	}
	return s.topic
}

func (s *subscription) run() {
	defer s.cancelStop()
	pause := newBackoff()
	reported := ""
	consume := s.consume
	if s.fetches {
		consume = s.fetch
	}
	for s.stop.Err() == nil {
		since := time.Now()
		err := consume()
		if s.stop.Err() != nil {
			break
		}
		if time.Since(since) > stableAfter {
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

// endOutput records that this subscription hands out nothing more.
func (s *subscription) endOutput() {
	s.out.leave()
	s.out = nil
}

// outlet is the channel that one call of Subscribe returned; its subscriptions share it.
type outlet struct {
	messages chan *message.Message

	mu    sync.Mutex
	users int // subscriptions that may still hand something out
}

// leave is called once by each subscription; after the last the channel is closed.
func (o *outlet) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.users--; o.users == 0 {
		close(o.messages)
	}
}

// drain waits until everything that was handed out is settled. After DrainTimeout it
// cancels the contexts of the rest.
func (s *subscription) drain() {
	overdue := time.AfterFunc(s.owner.options.DrainTimeout, s.cancelBase)
	s.underWay.Wait()
	overdue.Stop()
	s.cancelBase()
}

// consume hands out pushed messages. It returns an error when the channel is lost, and
// nil when the subscription is stopped and drained.
func (s *subscription) consume() error {
	session, err := s.owner.connector.wait(s.stop)
	if err != nil {
		return err
	}
	channel, err := session.channel(responseTimeout)
	if err != nil {
		return err
	}
	defer channel.discard()
	defer s.flow.consume(false)
	intake := &intake{subscription: s, channel: channel}
	idle := time.NewTicker(s.owner.options.IdleCheck)
	defer idle.Stop()
	c := newConsumer(s, channel)
	defer c.close()
	for {
		paused, changed := s.owner.options.Pauses.of(s.work())
		if err := intake.set(!paused); err != nil {
			return err
		}
		select {
		case <-s.stop.Done():
			s.endOutput()
			_ = intake.set(false) // the channel closes anyway
			s.drain()
			c.close()
			c.release()
			return nil
		case <-channel.Done():
			return channel.Err()
		case <-changed:
		case received, open := <-intake.deliveries:
			if !open {
				intake.deliveries = nil // the last before a pause, or the channel is lost
				continue
			}
			c.receive(&received)
			c.received++
		case <-idle.C:
			if paused {
				continue
			}
			if err := session.bounded(responseTimeout, c.checkForStall); err != nil {
				return err
			}
		}
	}
}
