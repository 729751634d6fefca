package attribution

import (
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Record is a hit with its decision, ready to be written.
type Record struct {
	Hit *hit.Hit
	// Request is the hit in its encoded form, which is stored as it is.
	Request []byte
	// Decision is the result of the rules. The store replaces a decision to convert by a
	// duplicate when the database shows that it is one.
	Decision Decision
	// WaitsUntil ends the wait of a hit whose outcome is Waiting, by the receiver's
	// clock. The hit waits for at least WaitsAtLeast from now, by the database's clock.
	WaitsUntil   time.Time
	WaitsAtLeast time.Duration
	// OnlyIfWaiting leaves the hit as it is unless its outcome still is Waiting, because
	// several workers may decide it at once when its click comes. Reopens states the one
	// exception.
	OnlyIfWaiting bool
	// LeakedToken is the id of the token in a click's tracking link, or 0.
	LeakedToken int64
	// Bot marks the click of a known link preview or crawler, which reports do not
	// count.
	Bot bool
	// Error is the shortened error of a Failed hit, and Attempts counts how often its
	// handling failed.
	Error    string
	Attempts int
	// Details are kept with a conversion.
	Details Details

	// The store fills in ConversionID, the conversion that the hit made, and
	// DuplicateOf, the first hit of which it is a repeat.
	ConversionID uuid.UUID
	DuplicateOf  uuid.UUID
	// FirstCommitted is set by the store to when it committed the row of the hit; zero
	// when the hit had a row before.
	FirstCommitted time.Time
	// Replayed is set when a replay of the hit's dead letter brought it here.
	Replayed bool
}

// Details are the parts of a conversion that no rule depends on.
type Details struct {
	OrderID               string
	ExternalTransactionID string
	SubIDs                [6]string
	AdvertiserSubIDs      [4]string
	ConversionIP          netip.Addr
	SessionTime           time.Time
	UserAgent             string
	UserEmailHash         string
	// DeviceID is the one that the hit sent, else its click's.
	DeviceID string
	// PurchaseValue is what the buyer paid, as sent; nil where that is no amount. It
	// pays nothing.
	PurchaseValue *decimal.Decimal
	// ClickedAt, ClickIP and ClickUserAgent are the click's; empty without one.
	ClickedAt               time.Time
	ClickIP, ClickUserAgent string
}

// Undecodable is a message that holds no hit. Only its bytes are known.
type Undecodable struct {
	ID      uuid.UUID
	Payload []byte
	Error   string
}

// Reopens reports whether a decision with OnlyIfWaiting replaces the decision before
// it. A decision that found the click also replaces ClickNeverCame: the wait may have
// ended in the moment in which the click was written, unseen by its writer.
func (r *Record) Reopens(before outcome.Outcome, why outcome.Reason) bool {
	if before == outcome.Unmatched && why == outcome.ClickNeverCame {
		return r.Decision.Outcome != outcome.Waiting && r.Decision.Outcome != outcome.Unmatched
	}
	return before == outcome.Waiting
}
