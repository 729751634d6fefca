package dead

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Letter is a hit that was rejected, stayed unmatched or failed.
type Letter struct {
	// ID is the hit's, and so the receipt that its sender holds.
	ID uuid.UUID `db:"id" json:"receipt"`
	// AccountID is 0 while no account is known.
	AccountID int64           `db:"account_id" json:"account_id"`
	Kind      hit.Kind        `db:"kind" json:"kind"`
	Outcome   outcome.Outcome `db:"outcome" json:"outcome"`
	Reason    outcome.Reason  `db:"reason" json:"reason"`
	// Error is the error of the last attempt, for hits that failed.
	Error   string `db:"error" json:"error,omitempty"`
	OfferID *int64 `db:"offer_id" json:"offer"`
	// PublisherID is the click's, or the one that the request named.
	PublisherID *int64 `db:"publisher_id" json:"publisher,omitempty"`
	// TokenID is the token of the request, where it is known by now.
	TokenID *int64 `db:"token_id" json:"token,omitempty"`
	// Network is the client's: see hit.NetworkPrefix.
	Network string `db:"network" json:"network,omitempty"`
	// TransactionID is 32 hex digits, or nil.
	TransactionID *string   `db:"transaction_id" json:"transaction_id"`
	ReceivedAt    time.Time `db:"received_at" json:"received_at"`
	// DiedAt is the time of the last death; Deaths counts all.
	DiedAt time.Time `db:"died_at" json:"died_at"`
	Deaths int       `db:"deaths" json:"deaths"`
	Status Status    `db:"status" json:"status"`
	// State says more than Status about a replayed letter.
	State    State     `db:"state" json:"state"`
	StatusAt time.Time `db:"status_at" json:"status_at"`
	// Surplus is set for a hit with an unknown token that came above the rate up to
	// which such hits are kept for long.
	Surplus bool `db:"surplus" json:"surplus"`
	// Test is set for a hit that is a test, which no report counts.
	Test bool `db:"test" json:"test,omitempty"`
	// Payload is the hit's JSON, or, with the reason undecodable, the bytes that came.
	Payload []byte `db:"payload" json:"-"`
	// LastEvent is the newest event of the letter when it was read; 0 for none.
	LastEvent int64 `db:"last_event" json:"-"`
}

// Hit returns the hit that the letter holds. A hit that could not be decoded when it
// died may be decodable for a newer program.
func (l *Letter) Hit() (*hit.Hit, error) {
	h, err := hit.Decode(l.Payload)
	if err != nil {
		return nil, err
	}
	if h.ID != l.ID {
		return nil, errors.New("the dead letter holds another hit")
	}
	return h, nil
}
