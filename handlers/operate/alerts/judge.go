package alerts

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"integr8/handlers/operate"
)

// Judgement is what follows from the figures of a subject.
type Judgement struct {
	Subject
	Begins  bool // else the alert ends
	Figures Figures
	// Before are the figures to compare with, those of a week earlier; zero for conditions
	// that compare with none.
	Before Figures
	Text   string // for people
	// Quiet is set for an alert that begins together with so many others that nobody is
	// told of it by itself.
	Quiet bool
}

// toldAtOnce is how many alerts of a rule that begin together are told one by one.
const toldAtOnce = 20

// judge returns which alerts begin and which of those that are on end, for a window that
// ends at a time. It is a pure function.
//
// An alert ends later than it began: when the figures have come back a fifth of the way
// to the usual. So figures at the limit do not make it begin and end by turns.
func (r Rule) judge(now, before map[Subject]Figures, on []Subject, end time.Time) []Judgement {
	all := map[Subject]Figures{}
	maps.Copy(all, now)
	for subject := range before {
		if r.Condition == ConversionDrop {
			all[subject] = now[subject] // of which nothing is left
		}
	}
	for _, subject := range on {
		all[subject] = now[subject]
	}
	var found []Judgement
	for subject, figures := range all {
		isOn := slices.Contains(on, subject)
		j := Judgement{Subject: subject, Figures: figures, Before: before[subject]}
		switch {
		case !isOn && r.holds(figures, before[subject]):
			j.Begins = true
			j.Text = r.describe(j, end)
		case isOn && r.clears(figures, before[subject]):
			j.Text = r.describe(j, end)
		default:
			continue
		}
		found = append(found, j)
	}
	slices.SortFunc(found, func(a, b Judgement) int { return a.compare(b.Subject) })
	quieten(found)
	return found
}

// quieten has all but the first toldAtOnce alerts told of by the last of these.
func quieten(found []Judgement) {
	var begin []*Judgement
	for i := range found {
		if found[i].Begins {
			begin = append(begin, &found[i])
		}
	}
	if len(begin) <= toldAtOnce {
		return
	}
	begin[toldAtOnce-1].Text += fmt.Sprintf("; and %d more: `integr8 alert list --on`", len(begin)-toldAtOnce)
	for _, j := range begin[toldAtOnce:] {
		j.Quiet = true
	}
}

// holds reports whether the condition is met.
func (r Rule) holds(now, before Figures) bool {
	switch r.Condition {
	case RejectionRate:
		return now.Postbacks >= r.Least && now.Rejected*100 >= r.Percent*now.Postbacks
	case ConversionDrop:
		return before.Conversions >= r.Least && now.Conversions*100 < r.Percent*before.Conversions
	case NoConversions:
		return now.Clicks >= r.Least && now.Conversions == 0
	case NewReason:
		return now.Rejected >= r.Least && before.Rejected == 0
	default:
		return false
	}
}

// clears reports whether an alert that is on ends: the figures are usual again, or there
// is too little to judge.
func (r Rule) clears(now, before Figures) bool {
	switch r.Condition {
	case RejectionRate:
		return now.Postbacks < r.Least || now.Rejected*500 < r.Percent*4*now.Postbacks
	case ConversionDrop:
		return before.Conversions < r.Least || now.Conversions*500 >= (r.Percent*4+100)*before.Conversions
	case NoConversions:
		return now.Conversions > 0 || now.Clicks == 0
	default:
		return now.Rejected == 0
	}
}

// describe says in one line what the figures are.
func (r Rule) describe(j Judgement, end time.Time) string {
	about := fmt.Sprintf("account %d", r.AccountID)
	if j.OfferID != 0 {
		about = fmt.Sprintf("offer %d of account %d", j.OfferID, r.AccountID)
	}
	within := fmt.Sprintf("in the %s to %s UTC", operate.Span(r.window()), end.UTC().Format("2006-01-02 15:04"))
	switch r.Condition {
	case RejectionRate:
		return fmt.Sprintf("%s: %d of %s rejected %s (alert from %d %%)", about, j.Figures.Rejected,
			operate.Count(j.Figures.Postbacks, "postback", "was", "were"), within, r.Percent)
	case ConversionDrop:
		return fmt.Sprintf("%s: %s %s, %d a week earlier (alert below %d %%)", about,
			operate.Counted(j.Figures.Conversions, "conversion"), within, j.Before.Conversions, r.Percent)
	case NoConversions:
		return fmt.Sprintf("%s: %s from %s %s", about, operate.Counted(j.Figures.Conversions, "conversion"),
			operate.Counted(j.Figures.Clicks, "click"), within)
	default:
		return fmt.Sprintf("%s: %s rejected as %s %s, none in the week before", about,
			operate.Count(j.Figures.Rejected, "postback", "was", "were"), j.Reason, within)
	}
}
