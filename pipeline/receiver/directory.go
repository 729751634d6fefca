// Package receiver is the doors: thin HTTP handlers that turn a request into a
// hit, free it of secrets, make it durable and answer. What a hit means is
// decided elsewhere; a door refuses only what is wrong at first sight.
package receiver

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
)

// Directory is what the doors know of the world: a snapshot in memory, never
// a query. Its methods are safe for concurrent use.
type Directory interface {
	// Offer returns what a tracking link needs of an offer; false when unknown.
	Offer(id int64) (Offer, bool)
	// PublisherPaused reports whether the publisher is known to be paused.
	// An unknown one is not: the handler looks again.
	PublisherPaused(account, publisher int64) bool
	// PixelAccount returns the account that a custom tracking domain belongs
	// to. The host is lower case and without a port; false when unknown.
	PixelAccount(host string) (int64, bool)
	// IsToken reports whether a text is a secure token that was imported, so
	// that one in a place where it does not belong can be removed. What it
	// says of a generated one, which shows by its form, is of no account.
	IsToken(text string) bool
	// HasImportedTokens reports whether there is a token that was imported. While
	// there is none, as for most, no text of a request need be hashed.
	HasImportedTokens() bool
	// KnowsToken reports whether there is a token with this digest. One that
	// was made a moment ago may be unknown: the handler looks again.
	KnowsToken(digest hit.Digest) bool
}

// Offer is what the tracking-link door needs to know of one.
type Offer struct {
	AccountID int64
	// Destination is the advertiser's URL with macros such as
	// {transaction_id} in it.
	Destination string
	// Paused offers send nobody on; the click is recorded as rejected.
	Paused bool
}

// Queue makes a hit durable. Put returns when the broker has confirmed it, or
// an error, and then the hit may or may not have arrived.
type Queue interface {
	Put(ctx context.Context, h *hit.Hit) error
}

// NewReceipt returns the id of a new hit: a UUIDv7 of the time at which it was
// received, so that both tell the same even where the machine's clock is not
// the one that receives.
func NewReceipt(at time.Time) uuid.UUID {
	id := uuid.Must(uuid.NewV7())
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	return id
}
