package search

import (
	"net/netip"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// Filter chooses hits or conversions; the zero value of a field excludes none.
type Filter struct {
	IDs                             []uuid.UUID
	AccountID, OfferID, PublisherID int64
	// Kind is the door of a hit, and the method of a conversion.
	Kind hit.Kind
	// Outcome and Reason are of hits.
	Outcome outcome.Outcome
	Reason  outcome.Reason
	// Status and what follows are of conversions.
	Status, Event, Currency              string
	OrderID, ExternalID, SubID, DeviceID string
	// IP is that of the visitor at the click or at the conversion.
	IP        netip.Addr
	EmailHash string
	// Token is the digest of a hit's token, known or not. Conversions have none.
	Token token.Digest
	// Since and Until bound the time of receipt, from Since to before Until, to the
	// millisecond.
	Since, Until time.Time
	// Tests includes hits and conversions of tests, which are left out otherwise.
	Tests bool
}

// NameToken makes the query find the hits of a secure token, of which it keeps the digest
// alone.
func (f *Filter) NameToken(secure string) { f.Token = token.DigestOf(secure) }

// NameEmail makes the query find what has an e-mail address, or the hash of one. It keeps
// the hash alone, and its error never repeats the text.
func (f *Filter) NameEmail(address string) (err error) {
	f.EmailHash, err = redact.EmailHash(address)
	return err
}
