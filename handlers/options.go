package handlers

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// Records reads and writes hits and clicks. The store implements it.
type Records interface {
	Clicks(ctx context.Context, ids []token.TransactionID) (map[token.TransactionID]attribution.Click, error)
	WaitingFor(ctx context.Context, ids []token.TransactionID, after uuid.UUID) (map[token.TransactionID][]attribution.Wait, *attribution.Wait, error)
	StopWaiting(ctx context.Context, wait attribution.Wait) error
	DeadLetterWait(ctx context.Context, wait attribution.Wait, reason string) error
	Write(ctx context.Context, records []*attribution.Record) error
}

// Queue puts a hit into its work queue, to be handled from the start. Put returns nil
// when the hit is durable there.
type Queue interface {
	Put(ctx context.Context, h *hit.Hit) error
}

// Observe is called with every record that has been committed.
type Observe func(r *attribution.Record)

// Options set up the handlers. Zero values mean the defaults.
type Options struct {
	Directory *Directory
	Records   Records
	Queue     Queue
	// Keys verify the transaction_ids that a door refused. Without them every
	// such refusal stands.
	Keys token.Keys
	// LateClicks is how long a postback waits for its click, from when it was
	// received. Default 24 h.
	LateClicks time.Duration
	// LateGrace is how long it waits at least, from its first decision or its replay.
	// Default DefaultLateGrace.
	LateGrace time.Duration
	// CommitTimeout bounds all statements of one batch. Default 20 s.
	CommitTimeout time.Duration
	// Observe may be nil.
	Observe Observe
	// ObserveCommit is called with every batch that has been committed: the queue of
	// its hits, their number, and how long it took to look up, decide and write them.
	// It may be nil.
	ObserveCommit func(topic string, hits int, took time.Duration)
}

// DefaultLateGrace is how long a worker may take with a hit that was delivered to it.
// Two minutes are enough for an attempt (30 s), the first three retries (36 s), the
// half-minute after which the broker requeues the messages of a worker that died, and
// the 5 s that a worker may pause after an outage.
const DefaultLateGrace = 2 * time.Minute

func (o Options) withDefaults() Options {
	if o.LateClicks == 0 {
		o.LateClicks = 24 * time.Hour
	}
	if o.CommitTimeout == 0 {
		o.CommitTimeout = 20 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(*attribution.Record) {}
	}
	if o.ObserveCommit == nil {
		o.ObserveCommit = func(string, int, time.Duration) {}
	}
	if o.LateGrace <= 0 {
		o.LateGrace = DefaultLateGrace
	}
	return o
}
