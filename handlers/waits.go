package handlers

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
)

// Sweep is a lock that one process holds at a time while it sweeps. Its methods return a
// page of at most limit waiting postbacks behind after; the zero Wait means the first
// page. They do not read the requests.
type Sweep interface {
	// State returns which workers have reported within gap, and without a gap for at
	// least steady.
	State(ctx context.Context, gap, steady time.Duration) (attribution.SweepState, error)
	// Waiting returns a page of all waiting postbacks.
	Waiting(ctx context.Context, after attribution.Wait, limit int) ([]attribution.Wait, error)
	// Due returns a page of those whose wait had ended at that time.
	Due(ctx context.Context, at time.Time, after attribution.Wait, limit int) ([]attribution.Wait, error)
	// End releases the lock.
	End() error
}

// Waits reads and changes waiting postbacks for a Sweeper. The store implements it.
type Waits interface {
	Clicks(ctx context.Context, ids []token.TransactionID) (map[token.TransactionID]attribution.Click, error)
	Requests(ctx context.Context, waits []attribution.Wait) ([]attribution.Wait, error)
	DropStaleWaits(ctx context.Context, waits []attribution.Wait) ([]uuid.UUID, error)
	DropEndedWaits(ctx context.Context, age time.Duration) error
	ReportWorker(ctx context.Context, worker uuid.UUID, gap time.Duration) error
}
