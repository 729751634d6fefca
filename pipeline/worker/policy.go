package worker

import (
	"context"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

// policy is what follows from a failure:
//
//	none       the message is acknowledged
//	shutdown   it goes back to its queue; neither failure nor attempt
//	outage     it is held, and tried again when the gate opens; no attempt,
//	           unless it meets outages where others of its topic meet none.
//	           MaxHold after it arrived it goes back to the broker, unspent
//	transient  it goes to a retry queue, and after the last delay to the dead
//	permanent  it is tried once more, and then goes to the dead letters; what
//	           is no hit goes there at once
//
// A message of the dead queue itself is tried for ever, for there is no place
// behind it. A message that can never be published, because it is too large,
// becomes a dead letter that keeps its digest and its first bytes.
type policy struct {
	options Options
	// stopping ends when the worker is to stop.
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
				return nil, p.giveUp(topic, msg, err, overdue)
			default:
				return nil, p.retry(topic, msg, err, overdue)
			}
		}
	}
}

// giveUp buries a message that no retry can mend, but not at its first failure:
// what looks as if it were the message's own fault may be a moment's, as while a
// partition is made.
func (p *policy) giveUp(topic string, msg *message.Message, err error, overdue time.Time) error {
	if attemptsOf(msg) == 0 && causeOf(err) != Undecodable {
		return p.retry(topic, msg, err, overdue)
	}
	return p.bury(topic, msg, err, overdue)
}

// retry spends an attempt.
func (p *policy) retry(topic string, msg *message.Message, err error, overdue time.Time) error {
	attempts := attemptsOf(msg) + 1
	if attempts > len(rabbit.RetryDelays) && topic != hit.TopicDead {
		return p.bury(topic, msg, err, overdue)
	}
	p.log.attempt(topic, msg, err)
	return p.publish(rabbit.RetryTopic(topic, attempts), failedCopyOf(msg, err), overdue)
}

// bury sends a message to the dead queue.
func (p *policy) bury(topic string, msg *message.Message, err error, overdue time.Time) error {
	if topic == hit.TopicDead {
		return p.retry(topic, msg, err, overdue)
	}
	p.log.death(topic, msg, causeOf(err), err)
	letter := failedCopyOf(msg, err)
	letter.Metadata.Set(metadataCause, string(causeOf(err)))
	if causeOf(err) == Undecodable && len(letter.Payload) > keptBytes {
		letter = cutCopyOf(letter, err)
	}
	return p.publish(hit.TopicDead, letter, overdue)
}

// arrival is when the hold of a message begins: when its AMQP message came, not
// when its own turn came. A worker is given far more ahead than it handles at
// once, and the broker's clock runs for all of it.
func (p *policy) arrival(msg *message.Message) time.Time {
	if came, ok := rabbit.DeliveredAt(msg.Context()); ok {
		return came
	}
	return time.Now()
}

// handBack returns a message to the broker, unspent, so that the AMQP message
// that it came in is settled before the broker's consumer timeout. Where no
// queue takes it now, the error leaves that to the Subscriber.
func (p *policy) handBack(topic string, msg *message.Message) error {
	if err := p.options.Publisher.Publish(rabbit.RetryTopic(topic, 1), copyOf(msg)); err != nil {
		return shutdown(err)
	}
	return nil
}

// publish hands a message on. While the broker takes none it holds on until
// overdue; the original is acknowledged only after this has succeeded. What the
// broker can never take leaves the gate open, since no other message is
// concerned, and becomes a cut dead letter.
func (p *policy) publish(to string, msg *message.Message, overdue time.Time) error {
	for {
		err := p.options.Publisher.Publish(to, msg)
		switch failure.Of(err) {
		case failure.None:
			return nil
		case failure.Shutdown:
			return shutdown(err)
		case failure.Permanent:
			if isCut(msg) { // the broker takes not even this: it gives the message up by itself
				return shutdown(err)
			}
			if _, topic, isRetry := strings.Cut(to, "/"); !isRetry || topic != hit.TopicDead {
				if to != hit.TopicDead {
					p.log.death(topic, msg, Undecodable, err)
				}
				to = hit.TopicDead
			}
			msg = cutCopyOf(msg, err)
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
