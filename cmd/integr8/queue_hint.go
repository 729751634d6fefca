package main

import (
	"fmt"
	"strings"
	"time"

	"integr8/pipeline/hit"
)

const (
	// standstill is for how long a worker that handles may settle nothing. An attempt
	// takes 30 s at most, and the hits of one message wait for each other.
	standstill = 45 * time.Second
	// slow is the age from which on the oldest hit of a worker that works is behind.
	slow = time.Minute
)

// queueHint says what to do about a queue in which something piles up, by the cause.
func queueHint(q queueState, growing bool) string {
	isRetry := strings.HasPrefix(q.topic, "retry.")
	isHits := q.topic == hit.TopicClicks || q.topic == hit.TopicPostbacks
	isSuspects := strings.HasSuffix(q.topic, ".suspects")
	waits := q.Messages > 0 || q.hits > 0
	switch {
	case q.blocked && isHits:
		return "the broker is short of memory or disk and takes no messages: make room there (rabbitmq-diagnostics alarms); receivers put hits on disk meanwhile"
	case q.held != nil && (waits || isHits):
		return heldHint(q)
	case isRetry && q.Messages > 0:
		return "handling fails now and then: look into the workers' log for what; integr8 doctor checks the servers"
	case isRetry:
		return ""
	case q.takers > 0 && isSuspects && waits:
		return "workers end while they handle hits: look into their logs for why; a hit that ends them again and again is given up"
	case q.Consumers == 0 && q.takers == 0 && isHits:
		return "no worker is connected: start integr8 work"
	case q.Consumers == 0 && q.takers == 0 && q.Messages > 0:
		return "nothing takes these messages: start integr8 work"
	case q.silent() > 0:
		return silentHint(q)
	case q.still > standstill:
		return fmt.Sprintf("workers have %d hits and have finished none for %s: look into their logs, and at what Postgres is busy with (pg_stat_activity); "+
			"restart a worker that stays like this, its hits come back", q.hits, q.still.Round(time.Second))
	case q.topic == hit.TopicDead && q.Messages > 0:
		return "failed hits arrive faster than they are filed; then see integr8 dead list"
	case growing:
		return "messages come in faster than they are handled: start more workers"
	case isHits && q.Messages > 0 && q.oldest > slow:
		return fmt.Sprintf("workers are behind, by %s: start more workers, or look at what slows Postgres down", q.oldest.Round(time.Second))
	default:
		return ""
	}
}

func heldHint(q queueState) string {
	since := ""
	if q.held.For > 0 {
		since = fmt.Sprintf(" for %s", q.held.For.Round(time.Second))
	}
	return fmt.Sprintf("held%s by an outage: %s cannot be used. Mend that (integr8 doctor shows what is wrong): workers keep what they have, "+
		"nothing is lost, and they go on by themselves", since, q.held.Server)
}

func silentHint(q queueState) string {
	return fmt.Sprintf("%d of %d workers do not answer: frozen, cut off, or of an older version. Look at their machines, and restart them: "+
		"the hits that they have come back when their connections end, for a frozen one within half a minute", q.silent(), q.Consumers)
}
