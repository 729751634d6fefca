package attribution

import (
	"slices"
	"strings"
)

// Outcome returns the outcome of the hits that have this reason; empty for None,
// which two outcomes have.
func (r Reason) Outcome() Outcome {
	switch r {
	case None:
		return ""
	case DuplicateSameURL, DuplicateOtherURL, DuplicateOrder:
		return Duplicate
	case ClickNotYet:
		return Waiting
	case ClickNeverCame:
		return Unmatched
	case HandlerFailed, DeliveryLimit, MessageExpired, QueueOverflow, MessageRefused, Unexplained, Undecodable:
		return Failed
	default:
		return Rejected
	}
}

// Explained is an outcome with its reason.
type Explained struct {
	Outcome Outcome
	Reason  Reason
}

// clickReasons are those of DecideClick.
var clickReasons = []Reason{OfferPaused, PublisherPaused, UnknownPublisher}

// ClickOutcomes lists what can become of a click.
func ClickOutcomes() []Explained {
	return append([]Explained{{Recorded, None}}, explained(func(r Reason) bool {
		return slices.Contains(clickReasons, r) || r.Outcome() == Failed
	})...)
}

// ConversionOutcomes lists what can become of a postback, a pixel or a clickless
// hit.
func ConversionOutcomes() []Explained {
	return append([]Explained{{Converted, None}}, explained(func(Reason) bool { return true })...)
}

func explained(counts func(Reason) bool) []Explained {
	var all []Explained
	for _, reason := range Reasons() {
		if counts(reason) {
			all = append(all, Explained{reason.Outcome(), reason})
		}
	}
	slices.SortFunc(all, func(a, b Explained) int { return strings.Compare(string(a.Reason), string(b.Reason)) })
	return all
}
