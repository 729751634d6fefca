package worker

import (
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

// DeadLetter is a message that cannot be handled.
type DeadLetter struct {
	// ID is the id of the message. For an undecodable message, and for one whose id is not
	// a UUID, it is derived from the payload, and so the same for the same payload.
	ID uuid.UUID
	// Payload is the payload of the message, or the first 64 KiB of an undecodable one.
	Payload []byte
	// Reason is one of outcome.Machinery.
	Reason outcome.Reason
	// Error is one line, of 500 bytes at most.
	Error string
	// Attempts counts the failed attempts.
	Attempts int
}

// letterOf returns the dead letter in a message, as if it can be decoded.
func letterOf(msg *message.Message) DeadLetter {
	letter := DeadLetter{Payload: msg.Payload, Attempts: attemptsOf(msg)}
	letter.Reason, letter.Error = causeOf(msg)
	id, err := uuid.Parse(msg.UUID)
	if err != nil {
		id = originalOf(msg).id()
	}
	letter.ID = id
	return letter
}

// becomeUndecodable changes the letter into that of a message which cannot be decoded
// because of err.
func (l *DeadLetter) becomeUndecodable(msg *message.Message, err error) {
	original := originalOf(msg)
	l.Reason, l.ID = outcome.Undecodable, original.id()
	l.Payload = msg.Payload[:min(len(msg.Payload), keptBytes)]
	if len(l.Payload) < original.length {
		err = fmt.Errorf("cut: the first %d of %d bytes are kept, SHA-256 of all %x: %w", len(l.Payload), original.length, original.digest, err)
	}
	l.Error = lineOf(err)
}

// hasCause reports whether a worker has written the cause of death into the message.
func hasCause(msg *message.Message) bool { return msg.Metadata.Get(metadataCause) != "" }

// causeOf returns why a message is a dead letter: from the worker that made it one, or
// else from the broker.
func causeOf(msg *message.Message) (outcome.Reason, string) {
	if hasCause(msg) {
		return outcome.Reason(msg.Metadata.Get(metadataCause)), msg.Metadata.Get(metadataError)
	}
	return brokersReason(msg)
}

// topicByBroker returns the topic from whose queue the broker dead-lettered a message,
// or "" when it is unknown.
func topicByBroker(topology rabbit.Topology, msg *message.Message) string {
	for _, key := range []string{rabbit.MetadataLastDeathQueue, rabbit.MetadataFirstDeathQueue} {
		if topic, ok := topology.TopicOf(msg.Metadata.Get(key)); ok {
			return topic
		}
	}
	return ""
}

// brokersReason returns why the broker dead-lettered a message that no worker
// dead-lettered. The latest time counts, because each earlier retry of a message has
// expired in a retry queue.
func brokersReason(msg *message.Message) (outcome.Reason, string) {
	reason, queue := msg.Metadata.Get(rabbit.MetadataLastDeathReason), msg.Metadata.Get(rabbit.MetadataLastDeathQueue)
	if reason == "" {
		reason, queue = msg.Metadata.Get(rabbit.MetadataFirstDeathReason), msg.Metadata.Get(rabbit.MetadataFirstDeathQueue)
	}
	switch reason {
	case "delivery_limit":
		return outcome.DeliveryLimit, fmt.Sprintf("the broker dead-lettered the message after too many deliveries from the queue %s", queue)
	case "expired":
		return outcome.MessageExpired, fmt.Sprintf("the message expired in the queue %s before a worker took it", queue)
	case "maxlen":
		return outcome.QueueOverflow, fmt.Sprintf("the broker dropped the message from the queue %s, which was full", queue)
	case "rejected":
		return outcome.MessageRefused, fmt.Sprintf("a consumer rejected the message from the queue %s", queue)
	case "":
		return outcome.Unexplained, "the message was in the dead queue without a cause"
	default:
		return outcome.Unexplained, fmt.Sprintf("the broker dead-lettered the message from the queue %s for an unknown reason: %.100s", queue, reason)
	}
}

func reasonOf(err error) outcome.Reason {
	if errors.Is(err, errUndecodable) {
		return outcome.Undecodable
	}
	return outcome.HandlerFailed
}
