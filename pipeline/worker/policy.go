package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/failure"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

// policy decides by the class of an error what happens to a message:
//
//	none       it is acked
//	shutdown   it returns to its queue; this is no failure and costs no attempt
//	outage     it is held, and handled again when the gate opens. This costs no
//	           attempt, unless it meets outages while others of its topic meet none.
//	           MaxHold after its arrival it returns to the broker, also without
//	           costing an attempt
//	transient  it goes to a retry queue, and after the last delay to the dead queue
//	permanent  it is retried once, and then goes to the dead queue; a message that
//	           cannot be decoded goes there at once
//
// A message of the dead queue itself is retried for ever, because there is no queue
// behind it. A message that can never be published, because it is too large,
// becomes a dead letter that keeps its digest and its first bytes.
type policy struct {
	options Options
	// stopping ends when the worker stops; it is the context of Run.
	stopping context.Context
	gate     *gate
	log      *failureLog
}

func (p *policy) around(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		topic := message.SubscribeTopicFromCtx(msg.Context())
		overdue := p.arrival(msg).Add(p.options.MaxHold)
		var outages outages
		for {
			if err := p.gate.wait(p.stopping, overdue); err != nil {
				return nil, shutdown(err)
			}
			if !time.Now().Before(overdue) {
				return nil, p.handBack(topic, msg)
			}
			started := time.Now()
			_, err := next(msg)
			class := failure.Of(err)
			p.options.Observe(topic, class, time.Since(started))
			if class != failure.None && class != failure.Shutdown {
				p.options.ObserveFailure(topic, err)
			}
			switch class {
			case failure.None:
				p.gate.open(topic)
				return nil, nil
			case failure.Shutdown:
				return nil, shutdown(err)
			case failure.Outage:
				if outages.metAlone(p.gate.passed(topic)) {
					return nil, p.retry(topic, msg, err, overdue)
				}
				p.gate.shut(err)
			case failure.Permanent:
				return nil, p.permanent(topic, msg, err, overdue)
			default:
				return nil, p.retry(topic, msg, err, overdue)
			}
		}
	}
}

// permanent dead-letters a message after its second permanent failure. It retries after
// the first, because a failure that looks permanent may be temporary, for instance while
// a partition is made.
func (p *policy) permanent(topic string, msg *message.Message, err error, overdue time.Time) error {
	if attemptsOf(msg) == 0 && reasonOf(err) != outcome.Undecodable {
		return p.retry(topic, msg, err, overdue)
	}
	return p.deadLetter(topic, msg, err, overdue)
}

// retry counts an attempt and publishes the message to a retry queue, or dead-letters it
// after the last delay.
func (p *policy) retry(topic string, msg *message.Message, err error, overdue time.Time) error {
	attempts := attemptsOf(msg) + 1
	if attempts > len(p.options.Topology.RetryDelaysOf(topic)) && topic != rabbit.TopicDead {
		return p.deadLetter(topic, msg, err, overdue)
	}
	p.log.attempt(topic, msg, err)
	if err := p.publish(topic, p.options.Topology.RetryTopic(topic, attempts), failedCopyOf(p.withCause(topic, msg), err), overdue); err != nil {
		return err
	}
	p.observeRetry(topic, msg, attempts, err)
	return nil
}

func (p *policy) observeRetry(topic string, msg *message.Message, attempt int, err error) {
	delays, now := p.options.Topology.RetryDelaysOf(topic), time.Now()
	p.options.ObserveRetry(Retry{Topic: topic, Payload: msg.Payload, Attempt: attempt, Error: lineOf(err),
		Failed: now, Next: now.Add(delays[min(attempt, len(delays))-1])})
}

// deadLetter publishes a message to the dead queue.
func (p *policy) deadLetter(topic string, msg *message.Message, err error, overdue time.Time) error {
	if topic == rabbit.TopicDead {
		return p.retry(topic, msg, err, overdue)
	}
	p.log.death(topic, msg, reasonOf(err), err)
	letter := failedCopyOf(msg, err)
	letter.Metadata.Set(metadataCause, string(reasonOf(err)))
	letter.Metadata.Set(metadataTopic, topic)
	if reasonOf(err) == outcome.Undecodable && len(letter.Payload) > keptBytes {
		letter = cutCopyOf(topic, letter, err)
	}
	return p.publish(topic, rabbit.TopicDead, letter, overdue)
}

// withCause adds the reason and the topic to a dead letter that the broker made, because
// the broker's own headers are not sent when it is published again.
func (p *policy) withCause(topic string, msg *message.Message) *message.Message {
	if topic != rabbit.TopicDead || hasCause(msg) {
		return msg
	}
	letter := letterOf(msg)
	p.log.deathAtBroker(letter)
	again := copyOf(msg)
	again.Metadata.Set(metadataCause, string(letter.Reason))
	again.Metadata.Set(metadataError, letter.Error)
	if died := topicByBroker(p.options.Topology, msg); died != "" {
		again.Metadata.Set(metadataTopic, died)
	}
	return again
}

// arrival returns when the hold of a message begins: when its AMQP message arrived, not
// when its handling began. A worker prefetches far more than it handles at
// once, and the broker's consumer timeout runs for all of it.
func (p *policy) arrival(msg *message.Message) time.Time {
	if arrived, ok := rabbit.DeliveredAt(msg.Context()); ok {
		return arrived
	}
	return time.Now()
}

// handBack publishes a message to a retry queue without counting an attempt, so that its
// AMQP message is settled before the broker's consumer timeout. When that fails, the
// error makes the router nack the message, and the Subscriber returns it to its queue.
func (p *policy) handBack(topic string, msg *message.Message) error {
	if err := p.options.Publisher.Publish(p.options.Topology.RetryTopic(topic, 1), copyOf(p.withCause(topic, msg))); err != nil {
		return shutdown(err)
	}
	return nil
}

// publish publishes a message of topic to the topic to. During an outage of the broker
// it retries until overdue; the original is acked only after it has succeeded. A message
// that can never be published becomes a cut dead letter. It does not shut the gate,
// because other messages can still be published.
func (p *policy) publish(topic, to string, msg *message.Message, overdue time.Time) error {
	for {
		err := p.options.Publisher.Publish(to, msg)
		switch failure.Of(err) {
		case failure.None:
			return nil
		case failure.Shutdown:
			return shutdown(err)
		case failure.Permanent:
			if isCut(msg) { // not even the cut letter can be published: the broker's delivery limit ends it
				return shutdown(err)
			}
			died := topic
			switch {
			case topic == rabbit.TopicDead:
				died = topicOfLetter(msg)
			case to != rabbit.TopicDead:
				p.log.death(topic, msg, outcome.Undecodable, err)
				to = rabbit.TopicDead
			}
			msg = cutCopyOf(died, msg, err)
			continue
		}
		p.gate.shut(err)
		if !time.Now().Before(overdue) {
			return shutdown(err)
		}
		if err := p.gate.wait(p.stopping, overdue); err != nil {
			return shutdown(err)
		}
	}
}

// shutdown wraps an error so that the router treats it as a shutdown, too.
func shutdown(err error) error {
	return fmt.Errorf("%w: %w", failure.ErrShutdown, err)
}
