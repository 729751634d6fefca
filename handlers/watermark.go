package handlers

import (
	"time"

	"integr8/pipeline/rabbit"
)

// watermark knows up to which moment every click that was in the queue has been
// handled: recorded, refused, or made a dead letter. It is told of looks at the
// queue, at times of the database's clock.
//
// A click that was in the queue at a moment when nothing in it was ready to be
// delivered had been given to a worker. A worker settles what it was given
// within the grace, as long as it reaches the database; when it dies the queue
// has the click again. So the moment counts once, a grace later, the queue is
// seen without ready messages again, and each of its consumers is a worker that
// has reported to the database throughout. A consumer that has not may hold
// clicks, as one does that is cut off from the database. Attempts that failed
// wait in the retry queues, which hold other hits too: when anything was in them
// at some look since that moment, it counts only when the last attempt is over.
// (One that is under way at a look is in no queue then.)
//
// A queue without consumers tells nothing: the broker reports neither consumers
// nor messages of a queue whose leader does not answer it within 250 ms, as when a
// backlog keeps it busy.
//
// It cannot see clicks in a receiver's spool. When such a click is written it
// wakes the postbacks whose wait has ended.
type watermark struct {
	grace time.Duration
	// seen is when the queue was first seen empty since until was moved; zero
	// for never.
	seen time.Time
	// retries is set when failed attempts were waiting at seen or since.
	retries bool
	// until is the moment up to which every click has been handled; zero while
	// none is known.
	until time.Time
}

// look takes in one look at the queue of clicks. steady is how many workers
// have reported without a gap for at least the grace.
func (w *watermark) look(now time.Time, backlog rabbit.Backlog, steady int) {
	w.retries = w.retries || backlog.Retrying > 0
	if backlog.Ready > 0 || backlog.Consumers == 0 {
		return
	}
	if w.seen.IsZero() {
		w.seen, w.retries = now, backlog.Retrying > 0
		return
	}
	wait := w.grace
	if w.retries {
		wait += backlog.RetrySpan
	}
	if steady < backlog.Consumers || now.Sub(w.seen) < wait {
		return
	}
	w.until, w.seen, w.retries = w.seen, now, backlog.Retrying > 0
}

// forget begins anew, after a look that failed. What is known stays known.
func (w *watermark) forget() { w.seen = time.Time{} }
