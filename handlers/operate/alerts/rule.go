package alerts

import (
	"errors"
	"time"

	"integr8/handlers/operate/reference"
)

// Condition is what a rule looks for.
type Condition string

const (
	// RejectionRate: of the postbacks of the window, at least Percent were rejected or
	// stayed unmatched.
	RejectionRate Condition = "rejection_rate"
	// ConversionDrop: the window has less than Percent of the conversions of the same
	// window a week earlier.
	ConversionDrop Condition = "conversion_drop"
	// NoConversions: the window has clicks and no conversion.
	NoConversions Condition = "no_conversions"
	// NewReason: postbacks were rejected for a reason that none was rejected for in the
	// week before the window.
	NewReason Condition = "new_reason"
)

// Conditions lists the conditions.
func Conditions() []Condition {
	return []Condition{RejectionRate, ConversionDrop, NoConversions, NewReason}
}

// Status says whether a rule is looked at.
type Status string

// The statuses of a rule. One that is removed is kept for its alerts, and not listed.
const (
	Active  Status = "active"
	Paused  Status = "paused"
	Removed Status = "removed"
)

// Rule says what is unusual.
type Rule struct {
	ID        int64 `db:"id" json:"id"`
	AccountID int64 `db:"account_id" json:"account_id"`
	// OfferID is null for a rule on all offers: on their sum, or with EachOffer on each.
	OfferID   *int64    `db:"offer_id" json:"offer"`
	EachOffer bool      `db:"each_offer" json:"each_offer"`
	Name      string    `db:"name" json:"name"`
	Condition Condition `db:"condition" json:"condition"`
	// WindowMinutes is how long the time is that is looked at: whole quarter hours.
	WindowMinutes int64 `db:"window_minutes" json:"window_minutes"`
	// Percent is that of the condition; 0 where it has none.
	Percent int64 `db:"percent" json:"percent"`
	// Least is how much there must be to judge: postbacks, conversions a week earlier,
	// clicks, or rejections, in the order of the conditions.
	Least  int64  `db:"least" json:"least"`
	Status Status `db:"status" json:"status"`
	// SilencedUntil is until when alerts that begin are sent to nobody.
	SilencedUntil *time.Time `db:"silenced_until" json:"silenced_until"`
	CreatedAt     time.Time  `db:"created_at" json:"created_at"`
	// JudgedUntil is the end of the last window that was looked at, and no part of what
	// people set.
	JudgedUntil time.Time `db:"judged_until" json:"-"`
}

func (r Rule) window() time.Duration { return time.Duration(r.WindowMinutes) * time.Minute }

// offer is the one that the rule is on, 0 for all.
func (r Rule) offer() int64 {
	if r.OfferID == nil {
		return 0
	}
	return *r.OfferID
}

// NewRule is a rule to be created; what is zero is the condition's default.
type NewRule struct {
	Account   int64
	Offer     int64
	EachOffer bool
	Name      string
	Condition Condition
	Window    time.Duration
	Percent   int64
	Least     int64
}

// usual is what a rule has where nothing is said.
var usual = map[Condition]NewRule{
	RejectionRate:  {Window: time.Hour, Percent: 50, Least: 50},
	ConversionDrop: {Window: time.Hour, Percent: 50, Least: 20},
	NoConversions:  {Window: 6 * time.Hour, Least: 200},
	NewReason:      {Window: time.Hour, Least: 10},
}

const longestWindow = 7 * 24 * time.Hour

// complete fills in the defaults and checks the rule.
func (n NewRule) complete() (NewRule, error) {
	var err error
	if n.Name, err = reference.CleanName(n.Name); err != nil {
		return n, err
	}
	defaults, known := usual[n.Condition]
	switch {
	case !known:
		return n, reference.Refuse(reference.ErrInvalid, "%q is no condition: it is one of %q", n.Condition, Conditions())
	case n.Offer != 0 && n.EachOffer:
		return n, reference.Refuse(reference.ErrInvalid, "a rule is on one offer or on each, not on both")
	}
	if n.Window == 0 {
		n.Window = defaults.Window
	}
	if n.Percent == 0 {
		n.Percent = defaults.Percent
	}
	if n.Least == 0 {
		n.Least = defaults.Least
	}
	return n, n.check()
}

func (n NewRule) check() error {
	return errors.Join(checkWindow(n.Window), checkPercent(n.Condition, n.Percent), checkLeast(n.Least))
}

// checkWindow, checkPercent and checkLeast say which field of a form is wrong.
func checkWindow(window time.Duration) error {
	if window < quarter || window > longestWindow || window%quarter != 0 {
		return reference.At("window_minutes", reference.Refuse(reference.ErrInvalid, "a window is a whole number of quarter hours, from 15m to 7d"))
	}
	return nil
}

func checkPercent(of Condition, percent int64) error {
	var err error
	switch has := usual[of].Percent != 0; {
	case !has && percent != 0:
		err = reference.Refuse(reference.ErrInvalid, "%s has no percentage", of)
	case has && (percent < 1 || percent > 99):
		err = reference.Refuse(reference.ErrInvalid, "a percentage is from 1 to 99")
	}
	return reference.At("percent", err)
}

func checkLeast(least int64) error {
	if least < 1 {
		return reference.At("least", reference.Refuse(reference.ErrInvalid, "at least 1 is needed to judge"))
	}
	return nil
}
