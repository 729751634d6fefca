package report

import (
	"context"
	"errors"
	"time"

	"integr8/handlers/operate/reference"
)

// Filter chooses the hits of a report; an id of zero excludes nothing. An id that does not
// exist is refused with a reference.NotFoundError.
type Filter struct {
	AccountID   int64
	OfferID     int64
	PublisherID int64
	// From is inclusive and To exclusive. A zero To means now, and a zero From means
	// DefaultPeriod before To. The Store always gets both, so that it reads only the
	// partitions of those days.
	From, To time.Time
	// Zone is that of days and hours, as Reports.Zone returns it; nil is UTC.
	Zone *time.Location
}

// DefaultPeriod is the length of a report's period when the filter has no From.
const DefaultPeriod = 30 * 24 * time.Hour

// ErrPeriod refuses a period that ends before it begins.
var ErrPeriod = errors.New("the period ends before it begins")

// check refuses ids that do not exist, and returns the filter with both ends.
func (r Reports) check(ctx context.Context, filter Filter) (Filter, error) {
	if err := filter.named().Check(ctx, r.Store); err != nil {
		return Filter{}, err
	}
	return filter.complete()
}

func (f Filter) named() reference.Named {
	return reference.Named{Account: f.AccountID, Offer: f.OfferID, Publisher: f.PublisherID}
}

// complete returns the filter with both ends.
func (f Filter) complete() (Filter, error) {
	if f.To.IsZero() {
		// What was received in this very millisecond is included.
		f.To = time.Now().UTC().Add(time.Second)
	}
	if f.From.IsZero() {
		f.From = f.To.Add(-DefaultPeriod)
	}
	if !f.From.Before(f.To) {
		return Filter{}, ErrPeriod
	}
	return f, nil
}
