package worker

import (
	"context"
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
//	outage     it is held, and tried again when the gate opens; no attempt
//	transient  it goes to a retry queue, and after the last delay to the dead
//	permanent  it goes to the dead letters at once
//
// A message of the dead queue itself is tried for ever, for there is no place
// behind it.
type policy struct {
	options Options
	// stopping ends when the worker is to stop.
	stopping context.Context
	gate     *gate
}

func (p *policy) around(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		topic := message.SubscribeTopicFromCtx(msg.Context())
		heldSince := time.Now()
		for {
			if err := p.gate.wait(p.stopping); err != nil {
				return nil, shutdown(err)
			}
			started := time.Now()
			_, err := next(msg)
			class := failure.Of(err)
			p.options.Observe(topic, class, time.Since(started))
			switch class {
			case failure.None:
				p.gate.open()
				return nil, nil
			case failure.Shutdown:
				return nil, shutdown(err)
			case failure.Outage:
				p.gate.shut(err)
				if time.Since(heldSince) > p.options.MaxHold {
					return nil, p.publish(rabbit.RetryTopic(topic, 1), copyOf(msg))
				}
			case failure.Permanent:
				return nil, p.bury(topic, msg, err)
			default:
				return nil, p.retry(topic, msg, err)
			}
		}
	}
}

// retry spends an attempt.
func (p *policy) retry(topic string, msg *message.Message, err error) error {
	attempts := attemptsOf(msg) + 1
	if attempts > len(rabbit.RetryDelays) && topic != hit.TopicDead {
		return p.bury(topic, msg, err)
	}
	return p.publish(rabbit.RetryTopic(topic, attempts), failedCopyOf(msg, err))
}

// bury sends a message to the dead queue.
func (p *policy) bury(topic string, msg *message.Message, err error) error {
	if topic == hit.TopicDead {
		return p.retry(topic, msg, err)
	}
	letter := failedCopyOf(msg, err)
	letter.Metadata.Set(metadataCause, string(causeOf(err)))
	return p.publish(hit.TopicDead, letter)
}

// publish hands a message on. While the broker takes none it holds on; the
// original is acknowledged only after this has succeeded.
func (p *policy) publish(topic string, msg *message.Message) error {
	for {
		err := p.options.Publisher.Publish(topic, msg)
		if err == nil {
			return nil
		}
		p.gate.shut(err)
		if err := p.gate.wait(p.stopping); err != nil {
			return shutdown(err)
		}
	}
}
