package doctor

import (
	"cmp"
	"slices"
)

// Level is how bad a finding is.
type Level string

// The levels, the worst first.
const (
	// Broken means that accepted hits or conversions can be lost or stand still.
	Broken Level = "broken"
	// Warning means that money or conversions are probably missed.
	Warning Level = "warning"
	// Note is about a check that was skipped, or about a state that somebody chose.
	Note Level = "note"
)

var levels = []Level{Broken, Warning, Note}

// Finding is one cause that an operator should know of, with what to do.
type Finding struct {
	Level Level  `json:"level"`
	Check string `json:"check"`
	What  string `json:"what"`
	Hint  string `json:"hint"`
	// Count is how many hits, offers, queues or the like have this cause.
	Count int64 `json:"count"`
	// Examples are some of them, and Omitted is how many further ones there are.
	Examples []Example `json:"examples"`
	Omitted  int       `json:"omitted"`
	// Party holds what all examples have in common.
	Party

	// outageOf is the server that the finding reports as away or hanging. followsFrom is
	// the server whose outage causes the finding.
	outageOf, followsFrom string
}

// Example is one of the things that have the cause of a finding.
type Example struct {
	What string `json:"what"`
	Party
}

// Party identifies the parties of a finding; an id is 0 when the finding is not about
// such a party.
type Party struct {
	AccountID int64 `json:"account_id,omitempty"`
	Offer     int64 `json:"offer,omitempty"`
	Publisher int64 `json:"publisher,omitempty"`
	Token     int64 `json:"token,omitempty"`
}

// shared returns the ids that are the same in both.
func (p Party) shared(other Party) Party {
	same := func(a, b int64) int64 {
		if a == b {
			return a
		}
		return 0
	}
	return Party{
		same(p.AccountID, other.AccountID), same(p.Offer, other.Offer), same(p.Publisher, other.Publisher), same(p.Token, other.Token),
	}
}

// ExamplesShown bounds the examples of a finding.
const ExamplesShown = 10

func (f *Finding) list(all []Example, more int) {
	for _, one := range all {
		f.Party = f.shared(one.Party)
	}
	f.Omitted = more + max(0, len(all)-ExamplesShown)
	f.Examples = all[:min(ExamplesShown, len(all))]
}

// moneyChecks are the checks whose findings come first in their level: a wrong payment
// costs money with each conversion.
var moneyChecks = []string{"payouts", "orders"}

// worstFirst sorts findings by level, and within a level those about money first.
// Otherwise it keeps their order.
func worstFirst(findings []Finding) []Finding {
	ordered := append([]Finding{}, findings...)
	rank := func(f Finding) int {
		if slices.Contains(moneyChecks, f.Check) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(ordered, func(a, b Finding) int {
		return cmp.Or(slices.Index(levels, a.Level)-slices.Index(levels, b.Level), rank(a)-rank(b))
	})
	return ordered
}
