package attribution

import (
	"slices"
	"strings"

	"integr8/pipeline/outcome"
)

// Explained is an outcome with its reason.
type Explained struct {
	Outcome outcome.Outcome
	Reason  outcome.Reason
}

// clickReasons are the reasons that DecideClick returns.
var clickReasons = []outcome.Reason{outcome.OfferPaused, outcome.PublisherPaused, outcome.UnknownPublisher}

// ClickOutcomes returns the outcomes that a click can have.
func ClickOutcomes() []Explained {
	return append([]Explained{{outcome.Recorded, outcome.NoReason}}, explained(func(r outcome.Reason) bool {
		return slices.Contains(clickReasons, r) || r.RaisedBy(outcome.Machinery)
	})...)
}

// ConversionOutcomes returns the outcomes that a postback, a pixel or a clickless hit
// can have.
func ConversionOutcomes() []Explained {
	return append([]Explained{{outcome.Converted, outcome.NoReason}}, explained(func(outcome.Reason) bool { return true })...)
}

func explained(counts func(outcome.Reason) bool) []Explained {
	var all []Explained
	for _, reason := range outcome.Reasons() {
		if counts(reason) {
			all = append(all, Explained{reason.Outcome(), reason})
		}
	}
	slices.SortFunc(all, func(a, b Explained) int { return strings.Compare(string(a.Reason), string(b.Reason)) })
	return all
}
