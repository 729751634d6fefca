package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

const (
	// attemptsKept is how long a trace shows attempts that failed.
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
}

func newAttemptLog(store attemptStore, current func() *attribution.Snapshot, logger *slog.Logger) *attemptLog {
	return &attemptLog{store: store, current: current, logger: logger, failed: make(chan trace.Attempt, mostAttempts)}
}

// add is a worker.Options.ObserveRetry.
func (l *attemptLog) add(r worker.Retry) {
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
	default: // full
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

// run records until ctx ends.
func (l *attemptLog) run(ctx context.Context) error {
	for {
		var attempts []trace.Attempt
		select {
		case first := <-l.failed:
			attempts = l.others(first)
		case <-ctx.Done():
			return nil
		}
		if err := l.record(ctx, attempts); err != nil && ctx.Err() == nil {
			l.logger.Warn("failed attempts are missing in traces", "attempts", len(attempts), "error", err)
		}
		select {
		case <-time.After(attemptsEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *attemptLog) record(ctx context.Context, attempts []trace.Attempt) error {
	ctx, cancel := context.WithTimeout(ctx, attemptsTime)
	defer cancel()
	return l.store.AddAttempts(ctx, attempts)
}

// others returns the first with all that wait behind it.
func (l *attemptLog) others(first trace.Attempt) []trace.Attempt {
	attempts := []trace.Attempt{first}
	for {
		select {
		case next := <-l.failed:
			attempts = append(attempts, next)
		default:
			return attempts
		}
	}
}
