package trace

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// UnknownError says that nothing is recorded under an id, and what the id itself shows.
type UnknownError struct {
	ID   uuid.UUID
	text string
}

// Error is one line.
func (e *UnknownError) Error() string { return e.text }

// firstYear is the earliest year of our ids. An id with an earlier time was made
// elsewhere.
const firstYear = 2020

// The hints for an id that is not recorded.
const (
	mayCome  = "its hit may still be in a queue (`integr8 queues`), or retention has dropped it"
	notWhole = "check that it was copied whole"
)

// unknown returns an UnknownError that says as much as the id itself shows, and what an
// account (0: any) has of it.
func (t Traces) unknown(ctx context.Context, id uuid.UUID, account int64) error {
	letters, err := t.Store.DeadLetters(ctx, dead.Filter{IDs: []uuid.UUID{id}, AccountID: account}, dead.NewestFirst, nil, 1)
	if err != nil {
		return err
	}
	because := func(hint, format string, arguments ...any) error {
		return failure.WithHint(&UnknownError{ID: id, text: fmt.Sprintf(format, arguments...)}, hint)
	}
	if len(letters) > 0 {
		return because("`integr8 dead show "+id.String()+"`", "%s is known only as a dead letter (%s)", id, letters[0].Reason)
	}
	transaction := token.TransactionID(id)
	missing := fmt.Sprintf("nothing is known of %s", transaction)
	at := transaction.Time()
	dropped, err := t.droppedDays(ctx, at)
	if err != nil {
		return err
	}
	if len(dropped) > 0 {
		return because("conversions and dead letters are kept longer: `integr8 retention show`",
			"%s: retention has dropped the clicks and hits of %s, and it made no conversion", missing, dropped[0])
	}
	if !t.Keys.IsZero() {
		if _, err := t.Keys.Verify(transaction.String()); err == nil {
			return because(mayCome, "%s: the transaction_id is genuine and was issued at %s UTC, but no click and no postback with it is stored",
				missing, operate.Clock(at))
		}
		if !isReceipt(id) {
			return because(notWhole, "%s: it is not a transaction_id of this system, and no receipt", missing)
		}
	}
	switch plausible := at.Year() >= firstYear && at.Before(time.Now().Add(24*time.Hour)); {
	case plausible && isReceipt(id):
		return because(mayCome, "%s: if it is a receipt, it was given at %s UTC", missing, operate.Clock(at))
	case plausible:
		return because(mayCome, "%s: if the transaction_id is genuine, it was issued at %s UTC", missing, operate.Clock(at))
	default:
		return because(notWhole, "%s: the time in it is %s UTC, so it was not made here", missing, operate.Clock(at))
	}
}

// isReceipt reports whether the id has the form of a receipt, a UUIDv7.
func isReceipt(id uuid.UUID) bool { return id.Version() == 7 && id.Variant() == uuid.RFC4122 }
