// Package receipt tells a sender what became of his hit. Whoever asks shows that the hit
// is his: by the secure token that it carried, or by the signature that the door answered
// with. He learns nothing of other hits, but for the receipt of the one that his repeats.
package receipt

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// Store reads what became of a hit. The store implements it.
type Store interface {
	// Receipt returns the row of a hit; false when there is none.
	Receipt(ctx context.Context, id uuid.UUID) (Row, bool, error)
}

// Receipts are the use case. They hold no state of their own and may be called from many
// goroutines at once.
type Receipts struct {
	Store Store
	Keys  token.Keys
}

// ErrUnknown is the error for a receipt that does not exist, and for one of another
// sender: which of both is nobody's business.
var ErrUnknown = failure.WithHint(errors.New("there is no such receipt for this token or link"),
	"ask with the link that was answered, or with the token of the request in the header Authorization: Bearer TOKEN; a hit that was just accepted may not be recorded yet")
