package handlers

import (
	"time"

	"integr8/pipeline/rabbit"
)

// watermark computes the time up to which every click that was in the queue has been
// handled: recorded, refused, or made a dead letter. Its input is a series of
// observations of the queue, at times of the database's clock.
//
// At an observation without ready messages, every click that was in the queue had been
// delivered to a worker. A worker settles its clicks within the grace, as long as it
// reaches the database; when it dies, its clicks are ready in the queue again. So the
// time of that observation becomes the watermark when, a grace later, the queue has no
// ready messages again, and each of its consumers is a worker that has reported to the
// database without a gap. A consumer that has not reported, for instance because it
// cannot reach the database, may still hold clicks. Failed attempts wait in the retry
// queues, which hold other hits too: when any observation since then found messages
// there, the watermark moves only after the sum of the retry delays as well. (An attempt
// that is under way during an observation is in no queue.)
//
// An observation without consumers proves nothing: a broker that knows of no leader of a
// queue reports neither consumers nor messages.
//
// The watermark does not cover clicks in a receiver's spool. When such a click is
// written, the postbacks whose wait has ended are decided again.
type watermark struct {
	grace time.Duration
	// seen is the first observation without ready messages since until was moved; zero
	// when there was none.
	seen time.Time
	// retries is set when an observation since seen found messages in the retry queues.
	retries bool
	// until is the time up to which every click has been handled; zero while
	// none is known.
	until time.Time
}

// observe adds one observation of the queue of clicks. steady is how many workers
// have reported without a gap for at least the grace.
func (w *watermark) observe(now time.Time, backlog rabbit.Backlog, steady int) {
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

// reset starts a new series after an observation that failed. It keeps until.
func (w *watermark) reset() { w.seen = time.Time{} }
