package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

const (
	// attemptsKept is how long a trace shows attempts that failed; not longer than hits are kept.
	attemptsKept = 30 * 24 * time.Hour
	// mostAttempts is how many failed attempts wait to be recorded. When thousands fail for
	// one cause, those above it are not: they are in the log and in the metrics.
	mostAttempts = 1024
	// attemptsEvery is the least time between two statements that record attempts.
	attemptsEvery = 200 * time.Millisecond
	// attemptsTime bounds such a statement.
	attemptsTime = 5 * time.Second
)

// attemptStore records attempts that failed.
type attemptStore interface {
	AddAttempts(context.Context, []trace.Attempt) error
}

// attemptLog records the attempts at hits that failed and are followed by another, so that
// a trace shows why a hit has no row yet. It delays no hit.
type attemptLog struct {
	store   attemptStore
	current func() *attribution.Snapshot
	logger  *slog.Logger
	failed  chan trace.Attempt
	// left counts those for which there was no place.
	left atomic.Int64
}

func newAttemptLog(store attemptStore, current func() *attribution.Snapshot, logger *slog.Logger) *attemptLog {
	return &attemptLog{store: store, current: current, logger: logger, failed: make(chan trace.Attempt, mostAttempts)}
}

// add is a worker.Options.ObserveRetry. A payload that cannot be decoded without a panic may
// be what failed: it is left out, and goes its way.
func (l *attemptLog) add(r worker.Retry) {
	defer func() {
		if recover() != nil {
			l.left.Add(1)
		}
	}()
	arrival, err := handlers.DecodeArrival(r.Payload)
	if err != nil || arrival.Hit == nil {
		return // a statement, or nothing that has a receipt
	}
	h := arrival.Hit
	attempt := trace.Attempt{
		HitID: h.ID, AccountID: l.accountOf(h), Kind: h.Kind, Queue: r.Topic, Attempt: r.Attempt, Error: r.Error, FailedAt: r.Failed, NextAt: r.Next,
		TransactionID: uuid.NullUUID{UUID: h.TransactionID.UUID(), Valid: !h.TransactionID.IsZero()},
	}
	select {
	case l.failed <- attempt:
	default:
		l.left.Add(1)
	}
}

// accountOf returns whose hit it is, as far as memory tells; 0 otherwise.
func (l *attemptLog) accountOf(h *hit.Hit) int64 {
	if h.Kind == hit.Click {
		return h.AccountID
	}
	found, _ := l.current().Token(h.TokenDigest)
	return found.AccountID
}

// run records until ctx ends, and then what is left.
func (l *attemptLog) run(ctx context.Context) error {
	for {
		var attempts []trace.Attempt
		select {
		case first := <-l.failed:
			attempts = append(l.waiting(), first)
		case <-ctx.Done():
			l.record(context.WithoutCancel(ctx), l.waiting())
			return nil
		}
		l.record(context.WithoutCancel(ctx), attempts)
		select {
		case <-time.After(attemptsEvery):
		case <-ctx.Done():
		}
	}
}

// record says how many it could not record: traces go on without them.
func (l *attemptLog) record(ctx context.Context, attempts []trace.Attempt) {
	left := l.left.Swap(0)
	if len(attempts) > 0 {
		ctx, cancel := context.WithTimeout(ctx, attemptsTime)
		defer cancel()
		if err := l.store.AddAttempts(ctx, attempts); err != nil {
			l.logger.Warn("failed attempts are missing in traces", "attempts", int64(len(attempts))+left, "error", err)
			return
		}
	}
	if left > 0 {
		l.logger.Warn("failed attempts are missing in traces", "attempts", left, "error", "too many at once")
	}
}

// waiting returns those that wait to be recorded.
func (l *attemptLog) waiting() (attempts []trace.Attempt) {
	for {
		select {
		case next := <-l.failed:
			attempts = append(attempts, next)
		default:
			return attempts
		}
	}
}
