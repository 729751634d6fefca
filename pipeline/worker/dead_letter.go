package worker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

// Cause says why a message became a dead letter.
type Cause string

// The causes. They are also reasons of the rules, under the same names.
const (
	// HandlerFailed means that every attempt failed, or the first one for good.
	HandlerFailed Cause = "handler_failed"
	// DeliveryLimit means that the broker gave up: no worker that was given
	// the message ever finished with it.
	DeliveryLimit Cause = "delivery_limit"
	// MessageExpired means that the message outlived a time to live, which our
	// work queues do not have, before a worker took it.
	MessageExpired Cause = "message_expired"
	// QueueOverflow means that the broker dropped the message from a queue that
	// had reached a length at which ours would refuse new ones.
	QueueOverflow Cause = "queue_overflow"
	// MessageRefused means that a consumer threw the message away, which workers
	// never do.
	MessageRefused Cause = "message_refused"
	// Unexplained means that neither a worker nor the broker says why the message
	// is in the dead queue.
	Unexplained Cause = "unexplained"
	// Undecodable means that the message is not a hit.
	Undecodable Cause = "undecodable"
)

// DeadLetter is a message that cannot be handled.
type DeadLetter struct {
	// ID is the hit's, or, of an undecodable message, one that is always the
	// same for the same payload.
	ID uuid.UUID
	// Hit is nil for an undecodable message.
	Hit *hit.Hit
	// Payload is the hit as it travelled, or the first keptBytes of an
	// undecodable message.
	Payload []byte
	Cause   Cause
	// Error is one line, bounded.
	Error    string
	Attempts int
}

// What a message carries about its own handling, as string headers.
const (
	metadataAttempts = "integr8-attempts"
	metadataError    = "integr8-error"
	metadataCause    = "integr8-cause"
)

var errUndecodable = errors.New("the message is not a hit")

// maxErrorText bounds what is kept of an error.
const maxErrorText = 500

// attemptsOf is how often a message's handling has failed.
func attemptsOf(msg *message.Message) int {
	n, err := strconv.Atoi(msg.Metadata.Get(metadataAttempts))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// undecodable returns what the subscriber could not read, if anything.
func undecodable(msg *message.Message) string {
	return msg.Metadata.Get(rabbit.MetadataUndecodable)
}

func archived(archive Archive, log *failureLog) message.NoPublishHandlerFunc {
	return func(msg *message.Message) error {
		letter := letterOf(msg)
		if err := archive(msg.Context(), letter); err != nil {
			return err
		}
		if msg.Metadata.Get(metadataCause) == "" { // no worker has put it there, and logged it
			log.deathAtBroker(letter)
		}
		return nil
	}
}

func letterOf(msg *message.Message) DeadLetter {
	letter := DeadLetter{
		Payload:  msg.Payload,
		Cause:    Cause(msg.Metadata.Get(metadataCause)),
		Error:    msg.Metadata.Get(metadataError),
		Attempts: attemptsOf(msg),
	}
	if letter.Cause == "" {
		letter.Cause, letter.Error = brokersCause(msg)
	}
	h, err := hit.Decode(msg.Payload)
	if reason := undecodable(msg); reason != "" {
		err = errors.New(reason)
	}
	if err == nil && !isCut(msg) {
		letter.ID, letter.Hit = h.ID, h
		return letter
	}
	original := originalOf(msg)
	letter.Cause = Undecodable
	letter.ID = uuid.UUID(original.digest[:16])
	letter.Payload = msg.Payload[:min(len(msg.Payload), keptBytes)]
	if len(letter.Payload) < original.length {
		err = fmt.Errorf("cut: the first %d of %d bytes are kept, SHA-256 of all %x: %w", len(letter.Payload), original.length, original.digest, err)
	}
	letter.Error = lineOf(err)
	return letter
}

// brokersCause is why the broker dead-lettered a message that no worker sent here.
// The latest time counts: what was tried again before has expired in a retry queue.
func brokersCause(msg *message.Message) (Cause, string) {
	reason, queue := msg.Metadata.Get(rabbit.MetadataLastDeathReason), msg.Metadata.Get(rabbit.MetadataLastDeathQueue)
	if reason == "" {
		reason, queue = msg.Metadata.Get(rabbit.MetadataFirstDeathReason), msg.Metadata.Get(rabbit.MetadataFirstDeathQueue)
	}
	switch reason {
	case "delivery_limit":
		return DeliveryLimit, fmt.Sprintf("the broker gave the message up after too many deliveries from the queue %s", queue)
	case "expired":
		return MessageExpired, fmt.Sprintf("the message expired in the queue %s before a worker took it", queue)
	case "maxlen":
		return QueueOverflow, fmt.Sprintf("the broker dropped the message from the queue %s, which was full", queue)
	case "rejected":
		return MessageRefused, fmt.Sprintf("a consumer rejected the message from the queue %s", queue)
	case "":
		return Unexplained, "the message was in the dead queue without a cause"
	default:
		return Unexplained, fmt.Sprintf("the broker took the message from the queue %s for a reason that is not known here: %.100s", queue, reason)
	}
}

func causeOf(err error) Cause {
	if errors.Is(err, errUndecodable) {
		return Undecodable
	}
	return HandlerFailed
}

// lineOf makes one bounded line of an error: a panic brings its stack along,
// and this text travels in a header.
func lineOf(err error) string {
	if value, _, ok := panicOf(err); ok {
		return boundedLine(fmt.Sprintf("panic: %v", value))
	}
	return boundedLine(err.Error())
}

// boundedLine is the first line of a text, as far as it is kept.
func boundedLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.ToValidUTF8(strings.ReplaceAll(line, "\x00", ""), "")
	if len(line) > maxErrorText {
		line = line[:maxErrorText]
		for !utf8.ValidString(line) {
			line = line[:len(line)-1]
		}
	}
	return line
}

// copyOf is a message to be published again: the same id and payload, and
// what is known so far about its handling.
func copyOf(msg *message.Message) *message.Message {
	again := message.NewMessage(msg.UUID, msg.Payload)
	for _, key := range []string{metadataAttempts, metadataError, metadataCause, metadataCut, rabbit.MetadataUndecodable} {
		if value := msg.Metadata.Get(key); value != "" {
			again.Metadata.Set(key, value)
		}
	}
	return again
}

// failedCopyOf is copyOf after one more attempt that ended with err. A dead
// letter keeps the story of how it died.
func failedCopyOf(msg *message.Message, err error) *message.Message {
	again := copyOf(msg)
	again.Metadata.Set(metadataAttempts, strconv.Itoa(attemptsOf(msg)+1))
	if again.Metadata.Get(metadataCause) == "" {
		again.Metadata.Set(metadataError, lineOf(err))
	}
	return again
}

// shutdown wraps an error so that the router, too, takes it for a stop.
func shutdown(err error) error {
	return fmt.Errorf("%w: %w", failure.ErrShutdown, err)
}
