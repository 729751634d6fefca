// Package receiver has the doors: thin HTTP handlers that turn a request into a
// hit, remove its secrets, make it durable and respond. Package handlers decides the hit
// later; a door refuses only what can be seen to be wrong without a query.
//
// It guarantees that a request which was answered 200 or 302 is durable, except a click
// that neither the broker nor the spool accepted: its visitor is sent on all the same,
// and it is counted as unrecorded. A door removes tokens and e-mail addresses from a hit;
// package redact says which ones it recognizes.
package receiver

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// Directory returns the reference data that the doors need. It reads a snapshot in memory
// and makes no query. Its methods are safe for concurrent use.
type Directory interface {
	// Offer returns the part of an offer that a tracking link needs; false when unknown.
	Offer(id int64) (Offer, bool)
	// PublisherPaused reports whether the publisher is known to be paused. It returns
	// false for an unknown publisher, which the handler looks up.
	PublisherPaused(account, publisher int64) bool
	// PixelAccount returns the account that a custom tracking domain belongs
	// to. The host is lower case and without a port; false when unknown.
	PixelAccount(host string) (int64, bool)
	// IsToken reports whether a text is an imported secure token, so that one in a wrong
	// place can be removed. For a generated token, which is recognized by its form, the
	// result does not matter.
	IsToken(text string) bool
	// HasImportedTokens reports whether an imported token exists. While there is none, as
	// for most systems, no text of a request need be hashed.
	HasImportedTokens() bool
	// KnowsToken reports whether there is a token with this digest. A token that was
	// created a moment ago may be unknown; the handler looks it up.
	KnowsToken(digest token.Digest) bool
}

// Offer is the part of an offer that a tracking link needs.
type Offer struct {
	AccountID int64
	// Destination is the advertiser's URL with macros such as
	// {transaction_id} in it.
	Destination string
	// Paused is set when the offer is paused: the visitor is not redirected, and the click
	// is recorded as rejected.
	Paused bool
}

// Queue makes a hit durable. Put returns nil when the broker has confirmed the hit, or a
// spool has it on disk. After an error the hit may be durable or not.
type Queue interface {
	Put(ctx context.Context, h *hit.Hit) error
}

// NewReceipt returns the id of a new hit: a UUIDv7 with the time at which the hit was
// received, also when that time does not come from the machine's clock.
func NewReceipt(at time.Time) uuid.UUID {
	id, earliest := uuid.Must(uuid.NewV7()), token.FirstID(at)
	copy(id[:token.TimeBytes], earliest[:])
	return id
}
