package queues

import (
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

const (
	// standstill is how long a worker that handles hits may settle none of them. An
	// attempt takes 30 s at most, and the hits of one message wait for each other.
	standstill = 45 * time.Second
	// slow is the age of the oldest hit from which a worker counts as behind.
	slow = time.Minute
)

// Cause is why something piles up in a queue. The text is about several queues.
type Cause string

// The causes.
const (
	NoTrouble      Cause = ""
	Paused         Cause = "queues are paused"
	BrokerIsFull   Cause = "queues take no messages, because the broker is short of memory or disk"
	HeldByOutage   Cause = "queues are held by an outage"
	HandlingFails  Cause = "queues hold hits whose handling failed"
	WorkersEnd     Cause = "queues hold hits that came back from workers that ended"
	NoWorker       Cause = "queues have no worker"
	WorkersSilent  Cause = "queues have workers that do not respond"
	WorkersStand   Cause = "queues have workers that finish nothing"
	DeathsArrive   Cause = "queues hold failed hits that are not archived yet"
	MessagesGrow   Cause = "queues grow faster than they are handled"
	WorkersAreLate Cause = "queues have workers that are behind"
)

// hintOf returns the cause for which something piles up in a queue, and what to do
// about it.
func hintOf(q state, growing bool) (Cause, string) {
	isRetry := strings.HasPrefix(q.topic, "retry.")
	isHits := q.topic == hit.TopicClicks || q.topic == hit.TopicPostbacks
	isQuarantine := rabbit.IsQuarantine(q.topic)
	waits := q.Messages > 0 || q.hits > 0
	switch {
	case q.blocked && isHits:
		return BrokerIsFull, "the broker is short of memory or disk and takes no messages: make room there (rabbitmq-diagnostics alarms); receivers put hits on disk meanwhile"
	case q.paused && (isHits || waits):
		return Paused, pausedHint(q)
	case q.held != nil && (waits || isHits):
		return HeldByOutage, heldHint(q)
	case isRetry && q.Messages > 0:
		return HandlingFails, "handling fails now and then: the workers' logs have the errors; `integr8 doctor` checks the servers"
	case isRetry:
		return NoTrouble, ""
	case q.takers > 0 && isQuarantine && waits:
		return WorkersEnd, "workers end while they handle hits: their logs have the reason; a hit that ends workers repeatedly becomes a dead letter"
	case q.Consumers == 0 && q.takers == 0 && isHits:
		return NoWorker, "no worker is connected: start `integr8 work`"
	case q.Consumers == 0 && q.takers == 0 && q.Messages > 0:
		return NoWorker, "nothing takes these messages: start `integr8 work`"
	case q.silent() > 0:
		return WorkersSilent, silentHint(q)
	case q.still > standstill:
		return WorkersStand, fmt.Sprintf("workers have %s and have finished none for %s: check their logs, and what Postgres is doing (pg_stat_activity); "+
			"restart a worker that stays like this: its hits come back", operate.Counted(q.hits, "hit"), q.still.Round(time.Second))
	case q.topic == rabbit.TopicDead && q.Messages > 0:
		return DeathsArrive, "failed hits arrive faster than they are archived; then see `integr8 dead list`"
	case growing:
		return MessagesGrow, "messages come in faster than they are handled: start more workers"
	case isHits && q.Messages > 0 && q.oldest > slow:
		return WorkersAreLate, fmt.Sprintf("workers are behind, by %s: start more workers, or find out what slows Postgres down", q.oldest.Round(time.Second))
	default:
		return NoTrouble, ""
	}
}

func pausedHint(q state) string {
	hint := "paused, and the database cannot say by whom: `integr8 queues resume` lets workers go on"
	if q.pause != nil {
		hint = q.pause.Sentence() + ". " + q.pause.Hint()
	}
	if q.takers > 0 {
		hint += "; " + operate.Count(q.takers, "worker", "takes from it still", "take from it still")
	}
	return hint
}

func heldHint(q state) string {
	since := ""
	if q.held.For > 0 {
		since = fmt.Sprintf(" for %s", q.held.For.Round(time.Second))
	}
	return fmt.Sprintf("held%s by an outage: %s cannot be used. Mend that (`integr8 doctor` shows what is wrong): workers keep what they have, "+
		"nothing is lost, and they go on by themselves", since, q.held.Server)
}

func silentHint(q state) string {
	return fmt.Sprintf("%s: frozen, cut off, or of an older version. Check them, and restart those that do not respond: "+
		"their hits come back when the connection ends, those of a frozen worker within half a minute",
		operate.Share(q.silent(), q.Consumers, "worker", "does not respond", "do not respond"))
}
