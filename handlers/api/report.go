package api

import (
	"context"
	"errors"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/report"
)

// Period is embedded in the parameters of reports.
type Period struct {
	Scope
	Offer     int64     `query:"offer" minimum:"1" doc:"Only this offer."`
	Publisher int64     `query:"publisher" minimum:"1" doc:"Only this publisher."`
	From      time.Time `query:"from" doc:"Begin of the period. Default 30 days before its end."`
	To        time.Time `query:"to" doc:"End of the period, exclusive. Default now."`
}

func (p Period) filter(ctx context.Context) (report.Filter, error) {
	account, err := p.account(ctx)
	return report.Filter{AccountID: account, OfferID: p.Offer, PublisherID: p.Publisher, From: p.From, To: p.To}, err
}

type reportAsked struct {
	Period
	By report.By `query:"by" default:"offer" maxLength:"100" doc:"A line for each offer, publisher, advertiser, day, hour, reason or sub_id, or for each pair of two: day,publisher. A sub_id is counted from rows."`
	TZ string    `query:"tz" maxLength:"100" doc:"Time zone of days and hours, such as Asia/Kolkata. Default that of the account which the report is of; UTC where it is of all."`
}

func (a *api) report(ctx context.Context, in *reportAsked) (report.Report, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return report.Report{}, err
	}
	filter.Zone, err = a.Reports.Zone(ctx, filter, in.TZ)
	switch {
	case errors.Is(err, operate.ErrZone):
		return report.Report{}, problem(invalid, "tz is no time zone", "write one as Europe/Berlin, or UTC")
	case err != nil:
		return report.Report{}, err
	}
	return a.Reports.Count(ctx, filter, in.By)
}

func (a *api) reasons(ctx context.Context, in *Period) (report.ReasonReport, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return report.ReasonReport{}, err
	}
	return a.Reports.Reasons(ctx, filter)
}

func (a *api) conflicts(ctx context.Context, in *Period) (report.ConflictReport, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return report.ConflictReport{}, err
	}
	return a.Reports.Conflicts(ctx, filter)
}

func (a *api) orders(ctx context.Context, in *Period) (report.OrderReport, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return report.OrderReport{}, err
	}
	return a.Reports.Orders(ctx, filter)
}
