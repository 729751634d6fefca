package attribution

import (
	"fmt"
	"slices"
	"strings"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Qualifier is a parameter that says which event a conversion is, how it stands, or
// that it is taken back.
type Qualifier struct {
	// Name is the parameter's name as it was sent, Folded the form in which names are
	// compared.
	Name, Folded string
	Kind         hit.QualifierKind
	Value        string
}

// Consent holds an offer's own rules on qualifiers.
type Consent struct {
	// Words are accepted for an event or a status, beside those that plainly say "an
	// approved base conversion". They are in lower case.
	Words []string
	// Ignored holds the folded names of the parameters that the offer's sender uses for
	// something else.
	Ignored []string
}

// plainConsent holds the words that say "an approved base conversion" for an event or a
// status. No other word does, and a placeholder that was never filled in is such
// another word: a word that nobody understands never decides what costs money.
var plainConsent = []string{"approved", "confirmed", "completed", "success", "paid", "ok", "sale", "lead", "conversion",
	"purchase", "install", "1"}

// plainStatus holds other forms of these words, and the words that systems write for a
// status after an approval. For an event they say nothing.
var plainStatus = []string{"complete", "succeeded", "successful", "accepted", "captured", "shipped", "delivered", "organic", "non-organic"}

// plainNo holds the values of a reversal's parameter that say that there is no
// reversal. "1" and "approved" say that there is one. "list" is the type of a list of
// refunds (Stripe's refunds.object), however long it is: its elements are parameters of
// their own.
var plainNo = []string{"0", "0.00", "false", "f", "no", "n", "off", "clean", "-", "list"}

// consents reports whether a qualifier lets its hit convert.
func (o Consent) consents(qualifier Qualifier) bool {
	if slices.Contains(o.Ignored, qualifier.Folded) {
		return true
	}
	if qualifier.Kind == hit.DenialQualifier {
		return o.acceptsDenial(qualifier)
	}
	// Two values of one parameter are joined by a comma, and each must consent.
	for word := range strings.SplitSeq(strings.ToLower(qualifier.Value), ",") {
		if !o.wordConsents(qualifier.Kind, qualifier.Folded, hit.Trim(word)) {
			return false
		}
	}
	return true
}

// acceptsDenial reports whether the offer accepts each word with which a parameter
// denies the conversion. A negative amount is not a word.
func (o Consent) acceptsDenial(qualifier Qualifier) bool {
	if hit.TakesBack(qualifier.Name, qualifier.Value) {
		return false
	}
	var left []string
	for word := range strings.SplitSeq(qualifier.Value, ",") {
		if !slices.Contains(o.Words, strings.ToLower(hit.Trim(word))) {
			left = append(left, word)
		}
	}
	return !hit.Denies(qualifier.Name, strings.Join(left, ","))
}

func (o Consent) wordConsents(kind hit.QualifierKind, folded, word string) bool {
	switch {
	case kind == hit.ApprovalQualifier:
		return !hit.RefusesApproval(word)
	case hit.SaysNothing(word):
		return true
	case kind == hit.ReversalQualifier:
		return slices.Contains(plainNo, word) || hit.Absolves(word)
	}
	if kind == hit.EventQualifier && word == "0" {
		return strings.HasSuffix(folded, "id") // the base goal's number
	}
	return slices.Contains(plainConsent, word) || slices.Contains(o.Words, word) ||
		kind == hit.StatusQualifier && slices.Contains(plainStatus, word)
}

// consent checks that every qualifier of the hit says that it is an approved base
// conversion. Events and verdicts do not exist yet, so any other hit is kept for an
// operator. consent runs before Repeat, so that a rejection that follows its conversion
// is recorded as a rejection and not as a duplicate. It runs after scope, because the
// offer's own rules count, and before admitParties, because the qualifiers stay the
// same when the offer is resumed.
func consent(c *Case) outcome.Reason {
	reason := outcome.NoReason
	for _, qualifier := range c.Qualifiers {
		switch {
		case c.Offer.Consent.consents(qualifier):
		case qualifier.Kind == hit.EventQualifier:
			reason = outcome.UnsupportedEvent
		default:
			return outcome.UnsupportedStatus // the more serious of the two
		}
	}
	return reason
}

// HintFor returns the reason's hint. When the reason is about qualifiers, the hint
// names those of the hit, whatever its offer accepts.
func HintFor(r outcome.Reason, qualifiers []Qualifier) string {
	if r != outcome.UnsupportedEvent && r != outcome.UnsupportedStatus {
		return r.Hint()
	}
	var about []string
	for _, qualifier := range qualifiers {
		if (qualifier.Kind == hit.EventQualifier) == (r == outcome.UnsupportedEvent) && !(Consent{}).consents(qualifier) {
			about = append(about, fmt.Sprintf("%s=%q", qualifier.Name, qualifier.Value))
		}
	}
	if len(about) == 0 {
		return r.Hint()
	}
	return strings.Join(about, ", ") + ": " + r.Hint()
}
