package report

import (
	"context"
	"time"
)

// Quarter is the unit in which roll-ups are kept: the offset of every time zone is a
// multiple of it.
const Quarter = 15 * time.Minute

// Span is a part of a period that begins with a whole quarter hour and lies within one
// day of UTC. It ends where the next one begins. Label is its index among the labels.
type Span struct {
	Begin time.Time
	Label int
}

// checkQuarters is check for a report of whole quarter hours.
func (r Reports) checkQuarters(ctx context.Context, filter Filter) (Filter, error) {
	if _, err := r.check(ctx, filter); err != nil {
		return Filter{}, err
	}
	return filter.completeQuarters()
}

// completeQuarters returns the filter with both ends, and a period of whole quarter hours
// that contains its own.
func (f Filter) completeQuarters() (Filter, error) {
	complete, err := f.complete()
	if err != nil {
		return Filter{}, err
	}
	f.To = nextQuarter(complete.To)
	if !f.From.IsZero() {
		f.From = f.From.UTC().Truncate(Quarter)
	}
	return f.complete()
}

// nextQuarter returns the first whole quarter hour that is not before a time.
func nextQuarter(at time.Time) time.Time {
	quarter := at.UTC().Truncate(Quarter)
	if quarter.Before(at) {
		return quarter.Add(Quarter)
	}
	return quarter
}

// Spans cuts the period, of whole quarter hours, where a day of UTC begins, and where an
// hour or a day of the zone does, if the report goes by those. It returns the label of
// each such hour or day: 2026-03-14, or 2026-03-14T15:00:00+01:00, which is unique also
// when a clock is put back. Without those dimensions the only label is empty.
func (f Filter) Spans(by By) (spans []Span, labels []string) {
	layout := ""
	switch {
	case by.Has(ByHour):
		layout = "2006-01-02T15:00:00Z07:00"
	case by.Has(ByDay):
		layout = time.DateOnly
	}
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	for at := f.From.UTC(); at.Before(f.To); at = at.Add(Quarter) {
		label := at.In(zone).Format(layout)
		fresh := len(labels) == 0 || labels[len(labels)-1] != label
		if fresh {
			labels = append(labels, label)
		}
		if fresh || at.Equal(at.Truncate(24*time.Hour)) {
			spans = append(spans, Span{Begin: at, Label: len(labels) - 1})
		}
	}
	return spans, labels
}
