package dead

import (
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/outcome"
)

// EventKind is the kind of an event in the life of a dead letter.
type EventKind string

// The kinds. Operators replay, discard, undo and note; workers cause the others.
const (
	Died EventKind = "died"
	// CopyDied is the death of a further copy of a hit whose dead letter is discarded.
	// The letter stays discarded.
	CopyDied     EventKind = "copy_died"
	WasReplayed  EventKind = "replayed"
	WasDiscarded EventKind = "discarded"
	// WasUndone means that a letter is no longer discarded.
	WasUndone EventKind = "undone"
	// WasResolved means that the hit had another outcome later.
	WasResolved EventKind = "resolved"
	// WasMoved means that the hit now belongs to another account.
	WasMoved EventKind = "moved"
	// WasNoted means that an operator has noted something, and nothing else.
	WasNoted EventKind = "noted"
)

// Event is an event in the life of a dead letter. Events are only added, in the
// transaction that changes the dead letter, and deleted together with it.
type Event struct {
	LetterID uuid.UUID `db:"letter_id"`
	At       time.Time `db:"at"`
	Event    EventKind `db:"event"`
	// Act, By and Note belong to an operator's command; they are nil and empty for a
	// worker.
	Act  *uuid.UUID `db:"act"`
	By   string     `db:"actor"`
	Note string     `db:"note"`
	// AccountID is the hit's account at that time, 0 while it is not known.
	// FromAccountID is its account before a move.
	AccountID     int64  `db:"account_id"`
	FromAccountID *int64 `db:"from_account_id"`
	// Outcome and the fields behind it are set for deaths and for WasResolved.
	Outcome outcome.Outcome `db:"outcome"`
	Reason  outcome.Reason  `db:"reason"`
	Error   string          `db:"error"`
	// Attempts counts how often handling had failed; 0 when the rules refused the hit.
	Attempts int `db:"attempts"`
}

// StatusAfter returns the status that results from events in order of time. Without
// events it is open.
func StatusAfter(events []Event) Status {
	status, resolved := Open, false
	for _, event := range events {
		switch event.Event {
		case Died:
			if status != Discarded {
				status = Open
			}
		case CopyDied:
			resolved = false
		case WasReplayed:
			status = Replayed
		case WasDiscarded:
			status, resolved = Discarded, false
		case WasResolved:
			if resolved = true; status != Discarded {
				status = Resolved
			}
		case WasUndone:
			if status = Open; resolved {
				status = Resolved
			}
		}
	}
	return status
}

// Act is what an operator does to dead letters with one command.
type Act struct {
	// ID identifies the command: an undo finds its letters by it.
	ID    uuid.UUID
	Event EventKind
	By    string
	Note  string
	// Order is what was ordered; the history shows it.
	Order Ordered
}

// Ordered is an operator's whole command, of which an Act carries out a part.
type Ordered struct {
	// Event is that of the command. The act with which a replay first opens discarded
	// letters has another.
	Event  EventKind
	Filter Filter
	// Letters is how many the filter chose.
	Letters int64
}

// ReplayEnd is the first outcome of a replayed hit.
type ReplayEnd struct {
	ID      uuid.UUID       `db:"id"`
	Event   EventKind       `db:"event"`
	Outcome outcome.Outcome `db:"outcome"`
	Reason  outcome.Reason  `db:"reason"`
}
