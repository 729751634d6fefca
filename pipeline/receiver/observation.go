package receiver

import (
	"log/slog"
	"sync"
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Result is the result of a request in one word, for a metric's label.
type Result string

// Every result.
const (
	// Accepted: the hit is durable, and the response was 200, or 302 for a click.
	Accepted Result = "accepted"
	// Refused: the response was 400; Refusal is the reason.
	Refused Result = "refused"
	// NotAvailable: the click's offer or publisher is paused.
	NotAvailable Result = "not_available"
	// Unrecorded: the visitor was sent on although the queue did not accept the hit. The
	// click is lost, so each one deserves an alert.
	Unrecorded Result = "unrecorded"
	// Unavailable: the response was 503 because the queue did not accept the hit.
	Unavailable Result = "unavailable"
	// Overloaded: the response was 503 because too many requests were under way.
	Overloaded Result = "overloaded"
	// TooMany: the response was 429 because the sender made too many requests.
	TooMany Result = "too_many"
	// NotAVisit: a HEAD request or a prefetch.
	NotAVisit Result = "not_a_visit"
	// ByBot: a postback, pixel or clickless hit of a known link preview or
	// crawler; it was not recorded, and the response was 403.
	ByBot Result = "by_bot"
	// NotFound: an unknown path, offer or pixel domain.
	NotFound Result = "not_found"
	// Unacceptable: the wrong method, size or Content-Type, or the body did not arrive.
	Unacceptable Result = "unacceptable"
	// Panicked: a door panicked, and the response was 500.
	Panicked Result = "panicked"
)

// Observation describes a request and its response, without any value of the request.
type Observation struct {
	// Kind is empty for an unknown path.
	Kind   hit.Kind
	Result Result
	// Refusal is set with Refused and NotAvailable, and mostly with NotFound and
	// Unacceptable.
	Refusal outcome.Reason
	// Status is the HTTP status.
	Status int
	// TokenLeaked is set when a tracking link carried a secure token.
	TokenLeaked bool
	// Duration is the time from the start of serving the request to its response.
	Duration time.Duration
}

// alarm logs failures at most once every every, with the number of failures in between,
// so that an outage does not fill a disk.
type alarm struct {
	logger *slog.Logger
	every  time.Duration

	mu     sync.Mutex
	last   time.Time
	silent int
}

// raise logs or counts a failure.
func (a *alarm) raise(message string, kind hit.Kind, err error) {
	a.mu.Lock()
	now := time.Now()
	if now.Sub(a.last) < a.every {
		a.silent++
		a.mu.Unlock()
		return
	}
	silent := a.silent
	a.last, a.silent = now, 0
	a.mu.Unlock()
	a.logger.Error(message, "kind", kind, "error", err, "more_since_last", silent)
}
