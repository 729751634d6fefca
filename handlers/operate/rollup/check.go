package rollup

import (
	"context"
	"time"

	"integr8/handlers/operate/report"
)

// DifferencesListed is how many differences a check lists.
const DifferencesListed = 200

// Checked is the result of a check.
type Checked struct {
	Period
	// Total is how many sums differ; Differences holds the first of them.
	Total       int          `json:"total"`
	Differences []Difference `json:"differences"`
}

// DefaultCheck is how far back a check goes where nothing is said.
const DefaultCheck = 24 * time.Hour

// Check compares the roll-ups of a period with the rows. Zero since is DefaultCheck before
// until, and zero until is now. What is older than the roll-ups is left out.
func (r Rollups) Check(ctx context.Context, since, until time.Time, progress Progress) (Checked, error) {
	span, err := r.Store.RollupSpan(ctx)
	if err != nil {
		return Checked{}, err
	}
	if until.IsZero() {
		until = span.Now
	}
	if since.IsZero() {
		since = until.Add(-DefaultCheck)
	}
	if !since.Before(until) {
		return Checked{}, report.ErrPeriod
	}
	checked := Checked{Period: wholeQuarters(since, until), Differences: []Difference{}}
	if complete := wholeQuarters(span.CompleteFrom, span.CompleteFrom).To; checked.From.Before(complete) {
		checked.From = complete
	}
	if err := r.skip(ctx, &checked.Period, checked.From); err != nil {
		return Checked{}, err
	}
	done := int64(0)
	for at := checked.From; at.Before(checked.To); at = at.Add(report.Quarter) {
		if !checked.skips(at) {
			found, total, err := r.Store.RollupDifferences(ctx, at, DifferencesListed-len(checked.Differences))
			if err != nil {
				return Checked{}, err
			}
			checked.add(found, total)
		}
		if checked.beginsDay(at) {
			found, total, err := r.Store.RollupMonthDifferences(ctx, dayOf(at), DifferencesListed-len(checked.Differences))
			if err != nil {
				return Checked{}, err
			}
			checked.add(found, total)
		}
		if done++; progress != nil {
			progress(done, checked.quarters())
		}
	}
	return checked, nil
}

func (c *Checked) add(found []Difference, total int) {
	c.Total += total
	c.Differences = append(c.Differences, found...)
}
