// Package attribution holds the rules: pure functions that decide what a hit means,
// whether it converts, what it pays and why not. They do no I/O and use no clock, so
// that every rule is a row in a table test.
package attribution

import (
	"time"

	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
)

// Status says whether an offer or a publisher is active.
type Status string

// The statuses. A tracking link with a paused offer or publisher sends no visitors on,
// and nothing converts for it. Hits that arrive meanwhile are rejected and can be
// replayed later.
const (
	Active Status = "active"
	Paused Status = "paused"
)

// Money is an amount that is either fixed, in the offer's currency, or a
// percentage of the revenue that the advertiser sent.
type Money struct {
	Amount  decimal.Decimal
	Percent bool
}

// Token is a secure token, which authorizes hits for its account.
type Token struct {
	ID        int64
	AccountID int64
	// OfferID is the only offer that an offer-level token converts; 0 for a
	// global token, which converts every offer of the account.
	OfferID int64
	// Purpose is the only way in that the token serves; empty for every way.
	Purpose hit.Kind
	// ValidUntil ends the token; zero means never.
	ValidUntil time.Time
}

// Offer holds the terms under which a hit becomes a conversion.
type Offer struct {
	ID           int64
	AccountID    int64
	AdvertiserID int64
	Name         string
	Destination  string
	Status       Status
	Currency     string // ISO 4217
	// Payout is the amount that the publisher earns, Revenue the amount that the
	// advertiser owes.
	Payout  Money
	Revenue Money
	// OwnAmounts lets the revenue and payout that a clickless hit carries count
	// with every token, and not only with one made for clickless.
	OwnAmounts bool
	// Ceiling is the largest amount of a clickless hit that counts; nil for none.
	Ceiling *decimal.Decimal
	// Window is how long after its click a conversion still counts.
	Window time.Duration
	// Identity holds the rules of identity of the offer's first clicks, and Later those
	// that have replaced them since, in ascending order: see IdentityAt.
	Identity Identity
	Later    []LaterIdentity
	// KnownUntil bounds Later: an edit that is missing in it takes effect at KnownUntil
	// or later. Zero means that no rule is certain.
	KnownUntil time.Time
	// Consent holds the offer's rules on qualifiers.
	Consent Consent
	// Overrides are the terms of single publishers.
	Overrides Overrides
}

// Publisher sends visitors and is paid for conversions.
type Publisher struct {
	ID        int64
	AccountID int64
	Name      string
	Status    Status
}

// Domain is a tracking domain of an account.
type Domain struct {
	ID        int64
	AccountID int64
	Host      string
}

// PartyID identifies an offer or a publisher of an account.
type PartyID struct {
	AccountID int64
	ID        int64
}

// DefaultWindow is the attribution window of an offer that sets none.
const DefaultWindow = 30 * 24 * time.Hour
