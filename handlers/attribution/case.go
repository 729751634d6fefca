package attribution

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Method says by which door a conversion came.
type Method string

// The methods.
const (
	ByPostback  Method = "postback"
	ByPixel     Method = "pixel"
	ByClickless Method = "clickless"
)

// Route says which of the two URL forms a hit used, as its token tells.
type Route string

// The routes. NoRoute is that of a hit whose token is unknown.
const (
	NoRoute  Route = ""
	Global   Route = "global"
	OfferURL Route = "offer"
)

// Click is what the rules need to know of a recorded click.
type Click struct {
	TransactionID uuid.UUID
	AccountID     int64
	OfferID       int64
	PublisherID   int64
	ClickedAt     time.Time
	// RulesAt is the time whose rules of identity the click keeps: ClickedAt, but
	// no later than the database's clock showed when the click was recorded. A
	// receiver whose clock is ahead makes clicks in the future, for which no rule
	// is certain yet. Both times are in the click's row, which is written once, so
	// that every process that decides about the click finds the same.
	RulesAt time.Time
}

// Case is all that is known about a postback, pixel or clickless hit when it
// is decided. Pointers are nil for what does not exist or was not sent.
type Case struct {
	HitID      uuid.UUID
	Method     Method
	ReceivedAt time.Time
	// WaitIsOver says that the hit has waited for its click long enough. Only
	// the sweep says so: a hit that is seen for the first time, or again by a
	// replay, waits.
	WaitIsOver bool
	// Refusal is what the door saw to be wrong already, or None.
	Refusal Reason
	Token   *Token
	// DomainAccount is the account of the tracking domain that served a
	// pixel; 0 for other methods.
	DomainAccount int64
	Click         *Click
	// ClickDropped says that the clicks of that day have been dropped.
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
	// Unreadable says which of the amounts were sent but cannot be read. They are
	// nil or empty above, and reject the hit only where they count.
	Unreadable Unreadable
	// Qualifiers are what the hit says of its conversion, by name.
	Qualifiers []Qualifier

	// Offer and Publisher are those that LookUp names.
	Offer     *Offer
	Publisher *Publisher
}

// Unreadable says which amounts nobody can read.
type Unreadable struct{ Revenue, Payout, Currency bool }

// Decision is what the rules make of a Case.
type Decision struct {
	Outcome Outcome
	Reason  Reason
	Route   Route
	// AccountID is 0 when no account is known.
	AccountID   int64
	TokenID     int64
	OfferID     int64
	PublisherID int64
	// Note says what of the hit did not count; empty for nothing.
	Note string
	// Conversion is set when the outcome is Converted. Whether it is the
	// first with its key only the database can tell: see Repeat.
	Conversion *Conversion
}

// Conversion is what a hit is worth.
type Conversion struct {
	DedupKey uuid.UUID
	// RulesAt is the time whose rules of identity it falls under: see IdentityTime.
	RulesAt  time.Time
	Event    string
	Status   string
	Method   Method
	Revenue  decimal.Decimal
	Payout   decimal.Decimal
	Currency string
}

// BaseEvent is the event of a conversion that names none.
const BaseEvent = "conversion"

// Approved is the status that a conversion begins with.
const Approved = "approved"
