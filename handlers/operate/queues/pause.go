package queues

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/redact"
)

// Object is the name of a queue in errors.
const Object reference.Object = "queue"

// Pause is a time in which no worker takes hits from a queue and its quarantine. Receivers
// go on: what they accept waits in the queue.
type Pause struct {
	Topic  string    `db:"topic" json:"queue"`
	By     string    `db:"actor" json:"by"`
	Reason string    `db:"reason" json:"reason"`
	Since  time.Time `db:"paused_at" json:"since"`
}

// PauseStore holds the pauses.
type PauseStore interface {
	// PausedQueues lists the pauses, by topic.
	PausedQueues(context.Context) ([]Pause, error)
	// PauseQueue adds a pause, by the actor of ctx, and records it. The error for a queue
	// that is paused matches reference.ErrConflict.
	PauseQueue(ctx context.Context, topic, reason string) (Pause, error)
	// ResumeQueue ends a pause, and records it with the reason. The error for a queue that
	// is not paused matches reference.ErrConflict.
	ResumeQueue(ctx context.Context, topic, reason string) (Pause, error)
}

// Intake are the use cases that pause and resume queues. Workers obey within seconds, also
// those that start meanwhile; without the database they keep to what they know.
type Intake struct {
	Store PauseStore
	// Topics are the queues that can be paused.
	Topics []string
}

// mostReason is in characters.
const mostReason = 500

// ReasonForm says why.
type ReasonForm struct {
	Reason string `json:"reason" maxLength:"500" doc:"Why: kept in the history, and shown while the queue is paused."`
}

// Pause pauses a queue, which needs a reason.
func (i Intake) Pause(ctx context.Context, topic, reason string) (Pause, error) {
	clean, err := i.check(topic, reason)
	if err == nil && clean == "" {
		err = reference.Refuse(reference.ErrInvalid, "a pause needs a reason, which everybody sees who wonders why nothing is handled")
	}
	if err != nil {
		return Pause{}, err
	}
	return i.Store.PauseQueue(ctx, topic, clean)
}

// Resume ends the pause of a queue, and returns it.
func (i Intake) Resume(ctx context.Context, topic, reason string) (Pause, error) {
	clean, err := i.check(topic, reason)
	if err != nil {
		return Pause{}, err
	}
	return i.Store.ResumeQueue(ctx, topic, clean)
}

// check returns the reason without secrets.
func (i Intake) check(topic, reason string) (string, error) {
	if !slices.Contains(i.Topics, topic) {
		return "", failure.WithHint(reference.Refuse(reference.ErrNotFound, "no queue of that name can be paused"),
			"these can: "+strings.Join(i.Topics, ", "))
	}
	if utf8.RuneCountInString(reason) > mostReason {
		return "", reference.Refuse(reference.ErrInvalid, "the reason has more than %d characters", mostReason)
	}
	clean, _ := redact.Redactor{}.Text(strings.TrimSpace(reason))
	return clean, nil
}

// Sentence says who has paused the queue, since when and why.
func (p Pause) Sentence() string {
	return fmt.Sprintf("the intake of the queue %s is paused by %s since %s: %s", p.Topic, p.By, operate.Clock(p.Since), p.Reason)
}

// Hint says what a pause means and how it ends.
func (p Pause) Hint() string {
	return "receivers go on, and what they accept waits there: `integr8 queues resume " + p.Topic + "` lets workers take it"
}

// Recorded returns a pause, or the end of one, as the history holds it.
func (p Pause) Recorded(act history.Act, reason string) history.Change {
	paused := act == history.Pause
	return history.Change{Noun: history.Queue, ObjectID: p.Topic, Act: act,
		Old: history.Fields{"paused": !paused}, New: history.Fields{"paused": paused, "reason": reason}}
}
