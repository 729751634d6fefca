package audit

import (
	"time"

	"integr8/pipeline/books"
)

// Balance compares what receivers promised with what is settled. Promised is what they
// stated, and what is settled of that which they have not stated. It is the sum of
// Settled, OnTheWay and Unaccounted.
type Balance struct {
	AsOf time.Time `json:"as_of"`
	// Since is the begin of the span, or null for all that is known.
	Since       *time.Time `json:"since"`
	Promised    int64      `json:"promised"`
	Settled     int64      `json:"settled"`
	OnTheWay    int64      `json:"on_the_way"`
	Places      Places     `json:"places"`
	Unaccounted int64      `json:"unaccounted"`
	// Unproved counts numbers that receivers gave out after their last statement, in the
	// second before they died, and that are not settled. Whether their senders had an
	// answer is not known. Promised does not count them.
	Unproved int64 `json:"unproved"`
	// ProvedUntil is the time up to which everything that all receivers promised is
	// settled or known to wait; null where that holds for no time.
	ProvedUntil *time.Time `json:"proved_until"`
	Queues      []Lag      `json:"queues"`
	Receivers   []Receiver `json:"receivers"`
	// Missing are the unaccounted numbers, oldest first, at most MostMissing of them.
	Missing []Missing `json:"missing"`
	// Rows is the comparison with the rows, where it was wanted.
	Rows *Comparison `json:"rows,omitempty"`
	// Unasked is why the broker could not be asked, so that what no queue can hold is
	// not known; empty where it could.
	Unasked string `json:"unasked,omitempty"`
}

// Places are where the hits on their way are. Retry stands for all that a queue of
// failed hits, the quarantine or a worker may hold.
type Places struct {
	Queue   int64 `json:"queue"`
	Retry   int64 `json:"retry"`
	Spool   int64 `json:"spool"`
	Waiting int64 `json:"waiting"`
}

// Sum is all of them.
func (p Places) Sum() int64 { return p.Queue + p.Retry + p.Spool + p.Waiting }

// Lag is how far behind a queue is.
type Lag struct {
	Queue string `json:"queue"`
	// LagSeconds is the age of the oldest statement that has not passed the queue; 0 when
	// all have.
	LagSeconds float64 `json:"lag_seconds"`
}

// Receiver is the balance of one topic of one run of a receiver. Waiting postbacks count
// as settled here.
type Receiver struct {
	Receiver    string    `json:"receiver"`
	Incarnation int64     `json:"incarnation"`
	Queue       string    `json:"queue"`
	BeganAt     time.Time `json:"began_at"`
	// State is live, stopped, silent (not heard of for a minute, and not stopped), or
	// replaced (another runs on its directory).
	State       string     `json:"state"`
	Promised    int64      `json:"promised"`
	Settled     int64      `json:"settled"`
	OnTheWay    int64      `json:"on_the_way"`
	Unaccounted int64      `json:"unaccounted"`
	Unproved    int64      `json:"unproved"`
	ProvedUntil *time.Time `json:"proved_until"`
	LastHeard   *time.Time `json:"last_heard"`
}

// Missing is a span of unaccounted numbers, and when they were promised.
type Missing struct {
	Receiver       string     `json:"receiver"`
	Incarnation    int64      `json:"incarnation"`
	Queue          string     `json:"queue"`
	First          int64      `json:"first"`
	Last           int64      `json:"last"`
	Hits           int64      `json:"hits"`
	PromisedAfter  *time.Time `json:"promised_after"`
	PromisedBefore *time.Time `json:"promised_before"`
}

// The states of a receiver.
const (
	Live     = "live"
	Stopped  = "stopped"
	Silent   = "silent"
	Replaced = "replaced"
)

// silentAfter is how long after its last word a receiver counts as silent: several times
// as long as it may say nothing.
const silentAfter = time.Minute

func stateOf(s *books.Stream, now time.Time) string {
	switch {
	case s.Ended:
		return Stopped
	case s.Overtaken:
		return Replaced
	case now.Sub(s.LastHeard()) > silentAfter:
		return Silent
	}
	return Live
}

// orNull is null for the zero time.
func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
