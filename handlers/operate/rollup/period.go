package rollup

import (
	"context"
	"slices"
	"time"

	"integr8/handlers/operate/report"
)

// Period is a period of whole quarter hours.
type Period struct {
	From time.Time `json:"from"`
	// To is exclusive.
	To time.Time `json:"to"`
	// Skipped are its days, as 2006-01-02, whose rows retention has dropped.
	Skipped []string `json:"skipped_days"`
}

// wholeQuarters returns the period of whole quarter hours that contains from and to.
func wholeQuarters(from, to time.Time) Period {
	p := Period{From: from.UTC().Truncate(report.Quarter), To: to.UTC().Truncate(report.Quarter), Skipped: []string{}}
	if p.To.Before(to) {
		p.To = p.To.Add(report.Quarter)
	}
	return p
}

// skip leaves out the days of the period whose rows have been dropped, from a time on.
func (r Rollups) skip(ctx context.Context, p *Period, from time.Time) error {
	if from.Before(p.From) {
		from = p.From
	}
	days, err := r.Store.DroppedDays(ctx, from, p.To)
	for _, day := range days {
		p.Skipped = append(p.Skipped, day.Format(time.DateOnly))
	}
	return err
}

func (p Period) skips(quarter time.Time) bool {
	return slices.Contains(p.Skipped, quarter.Format(time.DateOnly))
}

func (p Period) quarters() int64 { return int64(p.To.Sub(p.From) / report.Quarter) }

// beginsDay reports whether a quarter hour is the first one of its day in the period.
func (p Period) beginsDay(quarter time.Time) bool {
	return quarter.Equal(p.From) || quarter.Equal(dayOf(quarter))
}

// dayOf returns when the day of UTC began.
func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
