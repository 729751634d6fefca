package outcome

import (
	"slices"
	"strings"
)

// Reason says why a hit has its outcome. The same word stands in the hit's row,
// the metric's label, the log line and every JSON object. A Reason that another
// version has written may be missing in the table: it has no texts.
type Reason string

// NoReason belongs to the outcomes that need none: recorded, converted.
const NoReason Reason = ""

// Raiser is a set of the parts of the system that may raise a reason.
type Raiser uint8

// The raisers.
const (
	// Door is the receiver, which decides without a lookup and tells the sender.
	Door Raiser = 1 << iota
	// Rules is package attribution.
	Rules
	// Machinery is a worker or the broker, which gave a message up.
	Machinery
)

// Reasons returns every reason in the order of the table.
func Reasons() []Reason { return slices.Clone(ordered) }

// RaisedBy returns the reasons that a part of the system may raise, in the order
// of the table.
func RaisedBy(raiser Raiser) []Reason {
	return slices.DeleteFunc(Reasons(), func(r Reason) bool { return !r.RaisedBy(raiser) })
}

// RaisedBy reports whether that part of the system may raise the reason.
func (r Reason) RaisedBy(raiser Raiser) bool { return table[r].raisers&raiser != 0 }

// Exists reports whether the reason is in the table.
func (r Reason) Exists() bool { return table[r].raisers != 0 }

// Outcome returns the outcome of the hits that have this reason; empty for
// NoReason, which two outcomes have. A reason that is missing in the table counts
// as a rejection.
func (r Reason) Outcome() Outcome {
	if r == NoReason {
		return ""
	}
	if known, ok := table[r]; ok {
		return known.outcome
	}
	return Rejected
}

// Hint returns one line that tells an operator what to do about the reason; empty
// for NoReason and for a reason that is missing in the table.
func (r Reason) Hint() string { return table[r].hint }

// SenderText returns one line that tells the sender what is wrong and what to send
// instead. subject names what it is about, in words of ours and never of the
// sender's: a parameter of the contract, or a part of the request. For an empty
// subject a general word stands in. A reason that no door raises has a general
// text.
func (r Reason) SenderText(subject string) string {
	known := table[r]
	switch {
	case known.text == "":
		return "the request is refused"
	case known.subject == "":
		return known.text
	case subject == "":
		return known.subject + known.text
	default:
		return subject + known.text
	}
}

// OfValue reports whether the reason is about the value of a parameter that the
// hit keeps, so that it can be checked again, or one that only doors of earlier
// versions raised. Every other reason of a door is about the form of the request.
func (r Reason) OfValue() bool { return table[r].ofValue }

// OfSender reports whether the sender has to mend what causes the reason. doctor counts
// the hits of such a reason by who sends them.
func (r Reason) OfSender() bool { return table[r].ofSender }

// OfReference reports whether the reference data shows if the cause of the reason still
// stands. A replay looks there, and warns of hits that would end as before.
func (r Reason) OfReference() bool { return table[r].ofReference }

// Cause returns what is so, without what an operator may do about it: the hint up to its
// first colon or the end of its first sentence. It is empty for NoReason.
func (r Reason) Cause() string {
	hint := r.Hint()
	if end := strings.IndexAny(hint, ":."); end >= 0 {
		return hint[:end]
	}
	return hint
}
