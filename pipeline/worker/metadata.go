package worker

import (
	"strconv"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/rabbit"
)

// Headers that hold the state of a message's handling.
const (
	metadataAttempts = "integr8-attempts"
	metadataError    = "integr8-error"
	metadataCause    = "integr8-cause"
	// metadataTopic is the topic in which a dead letter failed.
	metadataTopic = "integr8-topic"
)

// maxTopicBytes bounds the name of a topic, because AMQP bounds the name of a queue.
const maxTopicBytes = 255

// topicOfLetter returns the topic in the metadata of a dead letter, or "" for none.
func topicOfLetter(msg *message.Message) string {
	topic := msg.Metadata.Get(metadataTopic)
	if len(topic) > maxTopicBytes { // not written by a worker
		return ""
	}
	return topic
}

// attemptsOf returns how often a message's handling has failed.
func attemptsOf(msg *message.Message) int {
	n, err := strconv.Atoi(msg.Metadata.Get(metadataAttempts))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// undecodable returns why the subscriber could not decode a message, or "" when it could.
func undecodable(msg *message.Message) string {
	return msg.Metadata.Get(rabbit.MetadataUndecodable)
}

// copyOf returns a copy to publish: the same id and payload, and the headers that hold
// the state of its handling.
func copyOf(msg *message.Message) *message.Message {
	again := message.NewMessage(msg.UUID, msg.Payload)
	for _, key := range []string{metadataAttempts, metadataError, metadataCause, metadataTopic, metadataCut, metadataReplay, rabbit.MetadataUndecodable} {
		if value := msg.Metadata.Get(key); value != "" {
			again.Metadata.Set(key, value)
		}
	}
	return again
}

// failedCopyOf is copyOf with one more attempt, which ended with err. A dead letter
// keeps the error that made it one.
func failedCopyOf(msg *message.Message, err error) *message.Message {
	again := copyOf(msg)
	again.Metadata.Set(metadataAttempts, strconv.Itoa(attemptsOf(msg)+1))
	if !hasCause(again) {
		again.Metadata.Set(metadataError, lineOf(err))
	}
	return again
}
