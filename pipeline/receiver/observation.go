package receiver

import (
	"log/slog"
	"sync"
	"time"

	"integr8/pipeline/hit"
)

// Result says in one word what came of a request, for a metric's label.
type Result string

// Every result.
const (
	// Accepted hits are durable and were answered 200, or 302 for a click.
	Accepted Result = "accepted"
	// Refused requests were answered 400; the Refusal says why.
	Refused Result = "refused"
	// NotAvailable clicks met a paused offer or publisher.
	NotAvailable Result = "not_available"
	// Unrecorded clicks were answered although the queue took no hit: the
	// click is lost, and each one is worth an alarm.
	Unrecorded Result = "unrecorded"
	// Unavailable requests were answered 503 because the queue took no hit.
	Unavailable Result = "unavailable"
	// Overloaded requests were answered 503 because too many were under way.
	Overloaded Result = "overloaded"
	// TooMany requests were answered 429 because their sender made too many.
	TooMany Result = "too_many"
	// NotAVisit are HEAD requests and prefetches.
	NotAVisit Result = "not_a_visit"
	// ByBot are postbacks, pixels and clickless hits of a known link preview or
	// crawler: not taken, and answered 403.
	ByBot Result = "by_bot"
	// NotFound are unknown paths, offers and pixel domains.
	NotFound Result = "not_found"
	// Unacceptable requests had the wrong method, size or Content-Type, or
	// their body did not arrive.
	Unacceptable Result = "unacceptable"
	// Panicked requests met a fault of ours.
	Panicked Result = "panicked"
)

// Observation is what a metric may know of an answered request.
type Observation struct {
	// Kind is empty for an unknown path.
	Kind   hit.Kind
	Result Result
	// Refusal is set with Refused and NotAvailable, and mostly with NotFound and
	// Unacceptable.
	Refusal hit.Refusal
	// Status is the HTTP status.
	Status int
	// TokenLeaked is set when a tracking link carried a secure token.
	TokenLeaked bool
	// Duration is from the first look at the request to the answer.
	Duration time.Duration
}

// alarm logs failures of one sort at most once in a while, with how many
// there were since, so that an outage does not fill a disk.
type alarm struct {
	logger *slog.Logger
	every  time.Duration

	mu     sync.Mutex
	last   time.Time
	silent int
}

// raise logs the failure, or counts it.
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
