package queues

import (
	"fmt"

	"integr8/handlers/operate"
)

// Queue is the state of a queue, with what to do about it.
type Queue struct {
	Queue string `json:"queue"`
	// Topic is the name of the queue without INTEGR8_QUEUE_PREFIX.
	Topic string `json:"-"`
	// Messages counts the AMQP messages that wait to be delivered.
	Messages int `json:"messages"`
	// Hits is the approximate number of hits in them, from the mean of the latest
	// messages; null when messages wait and no process knows the mean.
	Hits *int64 `json:"hits"`
	// InFlight counts the hits in the messages that workers have.
	InFlight int `json:"in_flight"`
	// OldestSeconds is the age of the oldest of these. Waiting messages are younger,
	// unless they came back. null when no age is known.
	OldestSeconds *float64 `json:"oldest_seconds"`
	Consumers     int      `json:"consumers"`
	// Silent counts the consumers whose process does not report its status.
	Silent int `json:"silent"`
	// Paused says who has paused the intake of the queue; null when nobody has, or when only
	// workers know of it.
	Paused *Pause `json:"paused,omitempty"`
	// Redelivered counts the AMQP messages that came to the workers that run now although
	// they had been delivered before.
	Redelivered uint64 `json:"redelivered,omitempty"`
	// LastError is that of the newest failed attempt at one of its hits, ErrorSeconds ago,
	// as far as the workers that run now know.
	LastError    string  `json:"last_error,omitempty"`
	ErrorSeconds float64 `json:"error_seconds,omitempty"`
	Purpose      string  `json:"purpose"`
	Hint         string  `json:"hint"`

	// Cause is why something piles up.
	Cause Cause `json:"-"`
	// Server is the server whose outage holds the queue.
	Server string `json:"-"`
}

// Waiting writes for people how many hits wait.
func (q Queue) Waiting() string {
	switch {
	case q.Hits == nil:
		return operate.Counted(q.Messages, "message")
	case int64(q.Messages) == *q.Hits:
		return fmt.Sprint(*q.Hits)
	default:
		return fmt.Sprintf("about %d", *q.Hits)
	}
}

// Holds is Waiting with its unit.
func (q Queue) Holds() string {
	if q.Hits == nil {
		return q.Waiting()
	}
	return q.Waiting() + " " + operate.Agreeing(*q.Hits, "hit", "hits")
}
