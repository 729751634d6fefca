package attribution

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Route is the URL form of a hit, which its token determines.
type Route string

// The routes. A hit with an unknown token has NoRoute.
const (
	NoRoute  Route = ""
	Global   Route = "global"
	OfferURL Route = "offer"
)

// Click holds the fields of a recorded click that the rules need.
type Click struct {
	TransactionID uuid.UUID
	AccountID     int64
	OfferID       int64
	PublisherID   int64
	ClickedAt     time.Time
	// RulesAt is the time whose rules of identity apply to the click: ClickedAt, but no
	// later than the database's clock when the click was recorded. A receiver whose
	// clock is ahead makes clicks in the future, for which no rule is certain yet. Both
	// times are in the click's row, which is written once, so every process that decides
	// about the click uses the same rules.
	RulesAt time.Time
	// DeviceID, ClientIP and UserAgent are kept with the conversion: no rule looks at
	// them. A click that an earlier version recorded has no address and no user agent.
	DeviceID, ClientIP, UserAgent string
	// Test marks the click of a test.
	Test bool
}

// Case holds all that is known about a postback, pixel or clickless hit when it is
// decided. A pointer is nil when its object does not exist or was not sent.
type Case struct {
	HitID      uuid.UUID
	Kind       hit.Kind
	ReceivedAt time.Time
	// WaitIsOver is set when the hit has waited for its click long enough. Only the
	// sweep sets it: a hit that is handled for the first time, or again after a replay,
	// waits.
	WaitIsOver bool
	// TestAccount is the account whose test the hit is by its mark: see hit.Hit.
	TestAccount int64
	// Refusal is the reason with which the door refused the hit, or NoReason.
	Refusal outcome.Reason
	Token   *Token
	// DomainAccount is the account of the tracking domain that served a pixel; 0 for
	// other kinds of hits.
	DomainAccount int64
	Click         *Click
	// ClickDropped is set when retention has dropped the clicks of that day.
	ClickDropped bool

	// NamedOffer and NamedPublisher are the parameters of a clickless hit; 0
	// when absent.
	NamedOffer            int64
	NamedPublisher        int64
	OrderID               string
	ExternalTransactionID string
	Revenue               *decimal.Decimal
	Payout                *decimal.Decimal
	Currency              string // upper-case ISO 4217; empty when absent
	// Unreadable marks the amounts that were sent but cannot be parsed. Their fields
	// above are nil or empty, and they reject the hit only where they count.
	Unreadable Unreadable
	// Qualifiers are the hit's qualifiers, sorted by name.
	Qualifiers []Qualifier

	// Offer and Publisher are those that LookUp names.
	Offer     *Offer
	Publisher *Publisher
}

// Unreadable marks the amounts that were sent but cannot be parsed.
type Unreadable struct{ Revenue, Payout, Currency bool }

// Decision is the result of the rules for a Case.
type Decision struct {
	Outcome outcome.Outcome
	Reason  outcome.Reason
	Route   Route
	// AccountID is 0 when no account is known.
	AccountID   int64
	TokenID     int64
	OfferID     int64
	PublisherID int64
	// Test is set for a hit that is a test: it is in no report, and takes no order and no
	// dedup key of a hit that is none.
	Test bool
	// Note is a line about amounts that did not count; empty when there is nothing to
	// note.
	Note string
	// Conversion is set when the outcome is Converted. Only the database can tell
	// whether it is the first with its key: see Repeat.
	Conversion *Conversion
}

// Conversion is a conversion with its key and its amounts.
type Conversion struct {
	DedupKey uuid.UUID
	// RulesAt is the time whose rules of identity apply to it: see IdentityTime.
	RulesAt  time.Time
	Event    string
	Status   string
	Method   hit.Kind
	Revenue  decimal.Decimal
	Payout   decimal.Decimal
	Currency string
}

// BaseEvent is the event of a conversion without a named event.
const BaseEvent = "conversion"

// Approved is the status of a new conversion.
const Approved = "approved"
