package rabbit

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Topic is a kind of message with a work queue of its own.
type Topic struct {
	// Name is the routing key and, after the prefix, the name of the queue.
	Name string
	// Purpose says in a line for operators what the work queue holds.
	Purpose string
	// RetryDelays are the waits before the first, second, ... retry of a message whose
	// handling failed; after the last retry it becomes a dead letter. Default: those
	// of the topology. Each delay has its own queue, because a message expires only at
	// the head of its queue; topics with the same delay share the queue.
	RetryDelays []time.Duration
}

// TopicDead receives the dead letters of every topic until they are archived. All topics
// share it, because its name is an argument of each work queue, and the arguments of
// an existing queue cannot be changed.
const TopicDead = "dead"

// RetryDelaysOf returns the waits before the first, second, ... retry of a message
// of a topic; there is at least one.
func (t Topology) RetryDelaysOf(topic string) []time.Duration {
	for _, one := range t.Topics {
		if one.Name == topic && len(one.RetryDelays) > 0 {
			return one.RetryDelays
		}
	}
	if len(t.RetryDelays) > 0 {
		return t.RetryDelays
	}
	return defaultRetryDelays()
}

// RetryTopic returns the topic to which a message is published so that it returns to
// topic after the delay of the given attempt. Attempts count from 1; an attempt beyond
// the last delay waits for the last delay.
func (t Topology) RetryTopic(topic string, attempt int) string {
	delays := t.RetryDelaysOf(topic)
	n := min(max(attempt, 1), len(delays))
	return retryName(delays[n-1]) + "/" + topic
}

// allRetryDelays returns the delays of all topics, each once, the shortest first.
func (t Topology) allRetryDelays() []time.Duration {
	all := slices.Clone(t.RetryDelaysOf(TopicDead))
	for _, topic := range t.Topics {
		all = append(all, topic.RetryDelays...)
	}
	slices.SortFunc(all, cmp.Compare[time.Duration])
	return slices.Compact(all)
}

// retryPrefix begins the names of the retry queues.
const retryPrefix = "retry."

// IsRetry reports whether a queue, named without the prefix, is a retry queue.
func IsRetry(queue string) bool { return strings.HasPrefix(queue, retryPrefix) }

// retryName returns retry.30s, retry.2m, retry.1h.
func retryName(delay time.Duration) string {
	text := delay.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return retryPrefix + text
}

// TopicOf returns the topic of a work queue or of a quarantine, which is named without
// the prefix. It returns false for any other queue.
func (t Topology) TopicOf(queue string) (string, bool) {
	for _, topic := range t.Topics {
		if queue == topic.Name || queue == t.quarantineOf(topic.Name) {
			return topic.Name, true
		}
	}
	return "", false
}
