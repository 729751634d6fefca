package api

import (
	"context"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// RowFilter is embedded in the parameters of lists of hits and of conversions.
type RowFilter struct {
	Scope
	Offer     int64     `query:"offer" minimum:"1" doc:"Only this offer's."`
	Publisher int64     `query:"publisher" minimum:"1" doc:"Only this publisher's."`
	Since     time.Time `query:"since" doc:"Only what was received since."`
	Until     time.Time `query:"until" doc:"Only what was received before."`
	Test      bool      `query:"test" doc:"Those of tests too, which are left out otherwise."`
}

// filter returns the filter of an account, once what it names is known to be there.
func (f RowFilter) filter(ctx context.Context, named reference.NamedStore) (search.Filter, error) {
	account, err := f.account(ctx)
	if err != nil {
		return search.Filter{}, err
	}
	if err := (reference.Named{Account: account, Offer: f.Offer, Publisher: f.Publisher}).Check(ctx, named); err != nil {
		return search.Filter{}, err
	}
	return search.Filter{AccountID: account, OfferID: f.Offer, PublisherID: f.Publisher, Since: f.Since, Until: f.Until, Tests: f.Test}, nil
}

type conversionsAsked struct {
	RowFilter
	Paging
	Method   hit.Kind `query:"method" enum:"postback,pixel,clickless" doc:"Only those that such a hit made."`
	Status   string   `query:"status" maxLength:"200" doc:"Only those with this status, such as approved."`
	Event    string   `query:"event" maxLength:"200" doc:"Only those of this event, such as conversion."`
	Currency string   `query:"currency" maxLength:"200" doc:"Only those in this currency."`
	OrderID  string   `query:"order_id" maxLength:"500" doc:"Only those with this order_id."`
}

func (a *api) conversions(ctx context.Context, in *conversionsAsked) (operate.Page[search.Conversion], error) {
	var page operate.Page[search.Conversion]
	filter, err := in.filter(ctx, a.Named)
	if err != nil {
		return page, err
	}
	filter.Kind, filter.Status, filter.Event, filter.Currency, filter.OrderID = in.Method, in.Status, in.Event, in.Currency, in.OrderID
	var behind search.Cursor
	if err := readCursor(in.Cursor, &behind); err != nil {
		return page, err
	}
	list, err := a.Searches.Conversions(ctx, filter, behind, in.Limit+1)
	if err != nil {
		return page, err
	}
	found, err := take(list, in.Limit+1)
	return operate.PageOf(found, in.Limit, func(c *search.Conversion) string { return search.Behind(c.ID).String() }), err
}

type hitsAsked struct {
	RowFilter
	Paging
	Kind    hit.Kind        `query:"kind" enum:"click,postback,pixel,clickless" doc:"Only those of this kind."`
	Outcome outcome.Outcome `query:"outcome" enum:"recorded,converted,duplicate,waiting,unmatched,rejected,failed" doc:"Only those with this outcome."`
	Reason  outcome.Reason  `query:"reason" maxLength:"100" doc:"Only those with this reason, such as duplicate_same_url."`
}

func (a *api) hits(ctx context.Context, in *hitsAsked) (operate.Page[search.Hit], error) {
	var page operate.Page[search.Hit]
	filter, err := in.filter(ctx, a.Named)
	if err != nil {
		return page, err
	}
	filter.Kind, filter.Outcome, filter.Reason = in.Kind, in.Outcome, in.Reason
	var behind search.Cursor
	if err := readCursor(in.Cursor, &behind); err != nil {
		return page, err
	}
	list, err := a.Searches.Hits(ctx, filter, behind, in.Limit+1)
	if err != nil {
		return page, err
	}
	found, err := take(list, in.Limit+1)
	return operate.PageOf(found, in.Limit, func(h *search.Hit) string { return search.Behind(h.ID).String() }), err
}
