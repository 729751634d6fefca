package report

import (
	"context"
	"slices"
	"time"
)

// Period is the period of a report.
type Period struct {
	From time.Time `json:"from"`
	// To is exclusive.
	To time.Time `json:"to"`
	// Dropped are the days of the period, as 2006-01-02, whose clicks or hits retention
	// has dropped before they were counted. Their conversions are counted.
	Dropped []string `json:"dropped_days"`
	// CountedFrom is set where nothing before it is counted: the roll-ups do not go back
	// further, or there were too many rows.
	CountedFrom *time.Time `json:"counted_from,omitempty"`
	// Zone is that of days and hours, empty for UTC.
	Zone string `json:"zone,omitempty"`
}

// rolledUp returns the period of a filter as roll-ups count it, and the part of it that
// they do count.
func (r Reports) rolledUp(ctx context.Context, filter Filter) (Period, Filter, error) {
	since, err := r.Store.RolledUpFrom(ctx)
	if err != nil {
		return Period{}, Filter{}, err
	}
	uncounted := filter // of these days hits may have been dropped before they were counted
	if since.Before(uncounted.To) {
		uncounted.To = since
	}
	p, err := r.period(ctx, uncounted)
	if err != nil {
		return Period{}, Filter{}, err
	}
	p.To = filter.To
	if first := nextQuarter(since); first.After(filter.From) {
		p.CountedFrom = &first
		filter.From = first
	}
	return p, filter, nil
}

// period returns the period of a filter, with the days that have been dropped.
func (r Reports) period(ctx context.Context, filter Filter) (Period, error) {
	days, err := r.Store.DroppedDays(ctx, filter.From, filter.To)
	if err != nil {
		return Period{}, err
	}
	p := Period{From: filter.From, To: filter.To, Dropped: []string{}}
	if filter.Zone != nil && filter.Zone != time.UTC {
		p.Zone = filter.Zone.String()
	}
	for _, day := range days {
		p.Dropped = append(p.Dropped, day.Format(time.DateOnly))
	}
	return p, nil
}

func (p Period) dropped(day string) bool { return slices.Contains(p.Dropped, day) }
