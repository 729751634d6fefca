// Package attribution is the rules: pure functions that say what a hit means,
// whether it converts, what it pays and why not. No I/O and no clock, so that
// every rule is a row in a table test.
package attribution

import (
	"time"

	"github.com/shopspring/decimal"
)

// Status says whether an offer or a publisher takes part.
type Status string

// The statuses. A paused offer or publisher sends no visitors on and converts
// nothing; what arrives meanwhile is rejected and can be replayed later.
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

// Token is a secure token: it says for whom a hit speaks.
type Token struct {
	ID        int64
	AccountID int64
	// OfferID is the only offer that an offer-level token converts; 0 for a
	// global token, which converts every offer of the account.
	OfferID int64
	// Purpose is the only way in that the token serves; empty for every way.
	Purpose Method
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
	// Payout is what the publisher earns, Revenue what the advertiser owes.
	Payout  Money
	Revenue Money
	// OwnAmounts lets the revenue and payout that a clickless hit carries count
	// with every token, and not only with one made for clickless.
	OwnAmounts bool
	// Ceiling is the largest amount of a clickless hit that counts; nil for none.
	Ceiling *decimal.Decimal
	// Window is how long after its click a conversion still counts.
	Window time.Duration
	// Identity are the rules of identity of the offer's first clicks, and Later
	// those that replaced them since, in ascending order: see IdentityAt.
	Identity Identity
	Later    []LaterIdentity
	// KnownUntil bounds Later: an edit that is not in it is in force from then on
	// at the earliest. Zero means that nothing is certain.
	KnownUntil time.Time `json:"-"`
	// Consent are its rules on qualifiers.
	Consent Consent
	// Overrides are the terms of single publishers, by publisher id.
	Overrides map[int64]Override
}

// Override replaces an offer's terms for one publisher; nil keeps the offer's.
type Override struct {
	Payout  *Money
	Revenue *Money
}

// Publisher sends visitors and is paid for conversions.
type Publisher struct {
	ID        int64
	AccountID int64
	Name      string
	Status    Status
}

// DefaultWindow is the attribution window of an offer that names none.
const DefaultWindow = 30 * 24 * time.Hour
