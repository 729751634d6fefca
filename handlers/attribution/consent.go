package attribution

import (
	"fmt"
	"slices"
	"strings"
)

// Qualifier is a parameter by which a sender says what its conversion is: which event
// it was, how it stands, whether it is taken back.
type Qualifier struct {
	// Name is the parameter's as sent, Folded the form in which names are compared.
	Name, Folded string
	Kind         QualifierKind
	Value        string
}

// QualifierKind says what a qualifier is about.
type QualifierKind uint8

// The kinds of qualifiers.
const (
	EventQualifier QualifierKind = iota + 1
	StatusQualifier
	ReversalQualifier
	ApprovalQualifier
)

// Consent are an offer's own rules on qualifiers.
type Consent struct {
	// Words are accepted for an event or a status beside those that plainly say
	// "an approved base conversion"; lower case.
	Words []string
	// Ignored are the folded names of the parameters that its sender uses for
	// something else.
	Ignored []string
}

// plainConsent are the words that say "an approved base conversion" for an event
// or a status. Any other word does not: what costs money is never decided by a
// word that nobody understands.
var plainConsent = []string{"", "approved", "confirmed", "completed", "success", "paid", "ok", "sale", "lead", "conversion",
	"purchase", "install", "1"}

// plainNo are the words that say of a reversal that there is none. "1" and
// "approved" say that there is one.
var plainNo = []string{"", "0", "0.00", "false", "no", "none", "null", "nil", "undefined", "n/a", "na", "-"}

// plainRefusal are the words that say of an approval that there is none. Others may
// be a time, an amount or an address of the same name.
var plainRefusal = []string{"0", "false", "no", "n", "none", "off", "rejected", "declined", "refused", "denied", "failed", "pending", "cancelled", "canceled", "refunded"}

// consents reports whether a qualifier lets its hit convert.
func (o Consent) consents(qualifier Qualifier) bool {
	if slices.Contains(o.Ignored, qualifier.Folded) {
		return true
	}
	word := strings.ToLower(strings.TrimSpace(qualifier.Value))
	switch qualifier.Kind {
	case ReversalQualifier:
		return slices.Contains(plainNo, word)
	case ApprovalQualifier:
		return !slices.ContainsFunc(strings.Split(word, ","), func(one string) bool { return slices.Contains(plainRefusal, strings.TrimSpace(one)) })
	}
	return slices.Contains(plainConsent, word) || slices.Contains(o.Words, word)
}

// consent asks whether every qualifier of the hit says that it is an approved base
// conversion. Events and verdicts do not exist yet, so that any other hit is
// kept for an operator. It comes before Repeat: a rejection that follows its
// conversion is seen as one, and not as a duplicate. It comes after scope, because
// the offer has a say, and before admitParties, because what was said stays
// true when the offer is resumed.
func consent(c *Case) Reason {
	reason := None
	for _, qualifier := range c.Qualifiers {
		switch {
		case c.Offer.Consent.consents(qualifier):
		case qualifier.Kind == EventQualifier:
			reason = UnsupportedEvent
		default:
			return UnsupportedStatus // the graver of the two
		}
	}
	return reason
}

// HintFor is Hint with the qualifiers that it is about, where the reason is about
// qualifiers. What an offer accepts is left out of account.
func (r Reason) HintFor(qualifiers []Qualifier) string {
	if r != UnsupportedEvent && r != UnsupportedStatus {
		return r.Hint()
	}
	var about []string
	for _, qualifier := range qualifiers {
		if (qualifier.Kind == EventQualifier) == (r == UnsupportedEvent) && !(Consent{}).consents(qualifier) {
			about = append(about, fmt.Sprintf("%s=%q", qualifier.Name, qualifier.Value))
		}
	}
	if len(about) == 0 {
		return r.Hint()
	}
	return strings.Join(about, ", ") + ": " + r.Hint()
}
