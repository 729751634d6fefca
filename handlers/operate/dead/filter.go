package dead

import (
	"net/netip"
	"reflect"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Filter matches dead letters; a field with its zero value matches all.
type Filter struct {
	IDs       []uuid.UUID    `json:"receipts,omitempty"`
	AccountID int64          `json:"account_id,omitempty"`
	Reason    outcome.Reason `json:"reason,omitempty"`
	Kind      hit.Kind       `json:"kind,omitempty"`
	OfferID   int64          `json:"offer,omitempty"`
	// Since and Until bound the time of the last death; both are inclusive.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	State State     `json:"state,omitempty"`
	// TokenID is a token that is known, whether it was when the letter died or not.
	TokenID int64 `json:"token,omitempty"`
	// TokenDigest is the digest of a token, known or not, or the beginning of one.
	TokenDigest  DigestPrefix `json:"token_digest,omitempty"`
	AdvertiserID int64        `json:"advertiser,omitempty"`
	PublisherID  int64        `json:"publisher,omitempty"`
	// Network is one of hit.NetworkPrefix.
	Network netip.Prefix `json:"network,omitzero"`
	// Text is looked for in the recorded request and in the error; ASCII letters match in
	// either case.
	Text string `json:"text,omitempty"`
	// Act is the command that replayed or discarded the letters.
	Act uuid.UUID `json:"act,omitzero"`
}

// Order is the order in which dead letters are read, by time of the last death.
type Order int

// The orders.
const (
	OldestFirst Order = iota
	NewestFirst
)

// ReasonCount counts the dead letters of one reason.
type ReasonCount struct {
	Reason  outcome.Reason `db:"reason" json:"reason"`
	Letters int64          `db:"letters" json:"dead_letters"`
	// Oldest and Newest are times of death.
	Oldest time.Time `db:"oldest" json:"oldest"`
	Newest time.Time `db:"newest" json:"newest"`
	// Hint is the reason's.
	Hint string `db:"-" json:"hint"`
	// Senders are set by Letters.Senders.
	Senders []Senders `db:"-" json:"senders,omitempty"`
}

// IsZero reports whether the filter matches every letter.
func (f Filter) IsZero() bool {
	ids := len(f.IDs)
	f.IDs = nil
	return ids == 0 && reflect.ValueOf(f).IsZero()
}
