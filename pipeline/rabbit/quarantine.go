package rabbit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// When a worker crashes, RabbitMQ counts a redelivery against every message it held.
// So a message that was redelivered alone, isolateAfter times, is quarantined: it goes
// to a queue of its own, from which messages are fetched one at a time, whatever their
// topic, and only while the worker holds no other redelivered message. So only the
// crashes that a message causes itself count towards its delivery limit.

// quarantineSuffix names the quarantine of a topic. Existing systems have declared
// their queues under this name.
const quarantineSuffix = ".suspects"

// IsQuarantine reports whether a queue, named without the prefix, is the quarantine of
// a topic.
func IsQuarantine(queue string) bool { return strings.HasSuffix(queue, quarantineSuffix) }

// QuarantinedTopic returns the topic of a quarantine, named without the prefix; false
// for any other queue.
func QuarantinedTopic(queue string) (topic string, ok bool) {
	return strings.CutSuffix(queue, quarantineSuffix)
}

// quarantineOf returns the name of a topic's quarantine, empty when it has none.
func (t Topology) quarantineOf(topic string) string {
	if !t.hasWorkQueue(topic) {
		return ""
	}
	return topic + quarantineSuffix
}

func (t Topology) hasWorkQueue(topic string) bool {
	return slices.ContainsFunc(t.Topics, func(one Topic) bool { return one.Name == topic })
}

const (
	// fetchEvery is the time until the next fetch after the quarantine was empty.
	fetchEvery = time.Second
	// fetchDelay is the time from the start of pushed deliveries to the first fetch of a
	// quarantined message. Redelivered messages are pushed first, within milliseconds.
	fetchDelay = 500 * time.Millisecond
)

// quarantine decides when a worker may fetch a quarantined message. All subscriptions
// of a Subscriber share one.
type quarantine struct {
	// occupied is full while a quarantined message is under way.
	occupied chan struct{}

	mu      sync.Mutex
	others  int           // redelivered messages under way that are not quarantined
	began   time.Time     // when a queue last began to deliver
	changed chan struct{} // closed and replaced when others reaches 0
}

func newQuarantine() *quarantine {
	return &quarantine{occupied: make(chan struct{}, 1), changed: make(chan struct{})}
}

// deliveryBegan records that a queue has started to deliver.
func (q *quarantine) deliveryBegan() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.began = time.Now()
}

// redelivered records that a redelivered message is under way, until
// redeliverySettled.
func (q *quarantine) redelivered() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.others++
}

func (q *quarantine) redeliverySettled() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.others--; q.others == 0 {
		close(q.changed)
		q.changed = make(chan struct{})
	}
}

// enter waits until a quarantined message may be fetched and no other is under way. It
// returns false when ctx ends first. After true the caller must call leave.
func (q *quarantine) enter(ctx context.Context) bool {
	for {
		q.mu.Lock()
		others, rest, changed := q.others, fetchDelay-time.Since(q.began), q.changed
		if q.began.IsZero() { // nothing is delivered yet
			rest = fetchDelay
		}
		q.mu.Unlock()
		switch {
		case others > 0:
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
			case q.occupied <- struct{}{}:
				return true
			case <-ctx.Done():
				return false
			}
		}
	}
}

func (q *quarantine) leave() { <-q.occupied }

// fetch hands out quarantined messages, one after the other. It returns an error when
// the channel is lost, and nil when the subscription is stopped and drained.
func (s *subscription) fetch() error {
	session, err := s.owner.connector.wait(s.stop)
	if err != nil {
		return err
	}
	channel, err := session.channel(responseTimeout)
	if err != nil {
		return err
	}
	defer channel.discard()
	c := newConsumer(s, channel)
	defer c.close()
	defer s.flow.consume(false)
	quarantine := s.owner.quarantine
	for s.awaitResume(channel) && quarantine.enter(s.stop) {
		received, found, err := s.fetchOne(channel)
		if !found {
			quarantine.leave()
			if err != nil {
				return err
			}
			select {
			case <-s.stop.Done():
			case <-channel.Done():
				return channel.Err()
			case <-time.After(fetchEvery):
			}
			continue
		}
		settled := make(chan struct{})
		c.handOut(&received, func() { quarantine.leave(); close(settled) })
		select {
		case <-settled:
		case <-s.stop.Done():
		case <-channel.Done():
			return channel.Err()
		}
	}
	s.endOutput()
	s.drain()
	c.close()
	c.release()
	return nil
}

// awaitResume waits while the topic of the quarantine is paused; false when the
// subscription ends first.
func (s *subscription) awaitResume(channel *channel) bool {
	for {
		paused, changed := s.owner.options.Pauses.of(s.work())
		s.flow.consume(!paused)
		if !paused {
			return true // of a lost channel, the next fetch says so
		}
		select {
		case <-changed:
		case <-channel.Done():
			return true
		case <-s.stop.Done():
			return false
		}
	}
}

func (s *subscription) fetchOne(channel *channel) (received amqp.Delivery, found bool, err error) {
	err = channel.session.bounded(responseTimeout, func() (err error) {
		received, found, err = channel.Get(s.queue, false)
		return err
	})
	switch {
	case err == nil:
		return received, found, nil
	case hasCode(err, amqp.NotFound):
		return received, false, fmt.Errorf("queue %s is missing: run `integr8 topology`: %w", s.queue, err)
	default:
		return received, false, fmt.Errorf("fetch from queue %s: %w", s.queue, err)
	}
}
