package attribution

import (
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
)

// Wait is a postback that waits for its click, or whose wait for it has ended.
type Wait struct {
	TransactionID uuid.UUID
	HitID         uuid.UUID
	// Until is when the wait ends, or has ended.
	Until time.Time
	// Kind and Request describe the hit; Request is its encoded form. They are empty
	// where only the wait was read.
	Kind    hit.Kind
	Request []byte
}

// SweepState is what a sweep of the waiting postbacks needs to know before it ends
// waits.
type SweepState struct {
	// Now is the database's clock.
	Now time.Time
	// FirstEnd is when the first wait ends; nil when no postback waits.
	FirstEnd *time.Time
	// SteadyWorkers counts the workers that reach the database and have done so for a
	// while.
	SteadyWorkers int
}
