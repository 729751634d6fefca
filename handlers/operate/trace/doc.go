// Package trace returns what is recorded about one id, a transaction_id or a receipt:
// the click, every hit that named it with its outcome, and the conversions. When
// nothing is recorded, it reports what the id itself shows.
package trace

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// Store reads the record.
type Store interface {
	reference.NamedStore
	// Trace returns all that is recorded about an id. For a transaction_id that is its
	// click and every hit that named it; for a receipt, the hit, the hit that it
	// repeats, and the story of its transaction_id. The story is empty when nothing is
	// recorded. It shows one moment of the database. Conversions stay when retention has
	// dropped the clicks and hits.
	Trace(ctx context.Context, id uuid.UUID) (Story, error)
	// DroppedDays lists the days of a period whose clicks or hits retention has
	// dropped.
	DroppedDays(ctx context.Context, from, to time.Time) ([]time.Time, error)
	// DeadLetters reads dead letters; at most one has a given id.
	DeadLetters(ctx context.Context, filter dead.Filter, order dead.Order, after *dead.Letter, limit int) ([]dead.Letter, error)
	// DeadEvents reads the events of dead letters, those of each letter in order of
	// time.
	DeadEvents(ctx context.Context, letters ...uuid.UUID) (map[uuid.UUID][]dead.Event, error)
}

// Traces are the use case. They hold no state of their own and may be called from
// many goroutines at once.
type Traces struct {
	Store Store
	// Keys verify a transaction_id of which nothing is recorded. The zero value verifies
	// none.
	Keys token.Keys
}
