package alerts

import (
	"time"

	"integr8/handlers/operate/report"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// quarter is the unit of windows: that of the roll-ups.
const quarter = report.Quarter

// Sum counts hits of a window.
type Sum struct {
	OfferID int64
	Kind    hit.Kind
	Outcome outcome.Outcome
	Reason  outcome.Reason
	Hits    int64
	// Bots are those of Hits that are clicks of crawlers and link previews.
	Bots int64
}

// Window asks for the sums of an account.
type Window struct {
	Account int64
	Offer   int64 // 0 for all
	From    time.Time
	To      time.Time
	// ByOffer and ByReason say what sums are apart by; OfferID is 0 and Reason empty
	// without.
	ByOffer, ByReason bool
}

// Figures are those of a subject in a window.
type Figures struct {
	Clicks      int64 `json:"clicks"`
	Postbacks   int64 `json:"postbacks"`
	Conversions int64 `json:"conversions"`
	Rejected    int64 `json:"rejected"`
}

func (f *Figures) add(sum Sum) {
	switch {
	case sum.Kind == hit.Click:
		if sum.Outcome == outcome.Recorded {
			f.Clicks += sum.Hits - sum.Bots
		}
	case sum.Outcome == outcome.Waiting:
		// Its outcome is still to come.
	default:
		f.Postbacks += sum.Hits
		switch sum.Outcome {
		case outcome.Converted:
			f.Conversions += sum.Hits
		case outcome.Rejected, outcome.Unmatched:
			f.Rejected += sum.Hits
		}
	}
}

// Subject is what an alert is about: an account, or one of its offers; with a reason for
// the condition NewReason.
type Subject struct {
	OfferID int64          `db:"offer_id" json:"offer"` // 0 for the account
	Reason  outcome.Reason `db:"reason" json:"reason"`
}

// subjects adds sums up, by subject.
func (r Rule) subjects(sums []Sum) map[Subject]Figures {
	found := map[Subject]Figures{}
	for _, sum := range sums {
		subject := Subject{OfferID: r.offer()}
		if r.EachOffer {
			subject.OfferID = sum.OfferID
		}
		if r.Condition == NewReason {
			if sum.Kind == hit.Click || sum.Outcome != outcome.Rejected && sum.Outcome != outcome.Unmatched {
				continue
			}
			subject.Reason = sum.Reason
		}
		figures := found[subject]
		figures.add(sum)
		found[subject] = figures
	}
	if r.EachOffer {
		for subject := range found {
			if subject.OfferID == 0 { // hits that name no offer
				delete(found, subject)
			}
		}
	}
	return found
}
