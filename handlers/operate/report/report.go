package report

import (
	"context"

	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Report is what happened in a period.
type Report struct {
	Period
	By    By         `json:"by"`
	Lines []Line     `json:"lines"`
	Total Figures    `json:"total"`
	Hits  []HitCount `json:"hits"`
}

// Line is the result of one value of a dimension, or of a pair of two, for an account. Only
// the fields of the report's dimensions are set; names are in the order of the dimensions.
type Line struct {
	AccountID  int64   `json:"account_id"`
	Offer      *int64  `json:"offer,omitempty"`
	Publisher  *int64  `json:"publisher,omitempty"`
	Advertiser *int64  `json:"advertiser,omitempty"`
	Name       string  `json:"name,omitempty"`
	SecondName string  `json:"second_name,omitempty"`
	Day        *string `json:"day,omitempty"`
	// Hour is the time at which it began, with the offset of the zone.
	Hour  *string `json:"hour,omitempty"`
	SubID *string `json:"sub_id,omitempty"`
	// Outcome, Reason and Hits are set by reason.
	Outcome *outcome.Outcome `json:"outcome,omitempty"`
	Reason  *outcome.Reason  `json:"reason,omitempty"`
	Hits    *int64           `json:"hits,omitempty"`
	// Dropped marks a day whose clicks or hits retention has dropped.
	Dropped bool `json:"dropped,omitempty"`
	Figures
}

// Figures are counts and sums.
type Figures struct {
	Clicks      int64 `json:"clicks"`
	Conversions int64 `json:"conversions"`
	// ConversionRate is the number of conversions with a click for each click, rounded to
	// six places; null without clicks. A clickless conversion does not raise it.
	ConversionRate *float64 `json:"conversion_rate"`
	// Money has one element for each currency: amounts of different currencies are never
	// added.
	Money []Takings `json:"money"`
}

// Takings are the sums of one currency.
type Takings struct {
	Currency    string          `json:"currency"`
	Conversions int64           `json:"conversions"`
	Revenue     decimal.Decimal `json:"revenue"`
	Payout      decimal.Decimal `json:"payout"`
	// Margin is the revenue that the payout leaves; it may be negative.
	Margin decimal.Decimal `json:"margin"`
}

// HitCount counts the hits of a kind with the same outcome.
type HitCount struct {
	Kind    hit.Kind        `db:"kind" json:"kind"`
	Outcome outcome.Outcome `db:"outcome" json:"outcome"`
	Hits    int64           `db:"hits" json:"hits"`
}

// SubIDClicks is how many clicks a report by sub id reads at most.
const SubIDClicks = 10_000_000

// Count counts clicks, conversions and money, with a line for each value of a dimension,
// or for each pair of values of two, in whole quarter hours.
func (r Reports) Count(ctx context.Context, filter Filter, by By) (Report, error) {
	if err := by.Check(); err != nil {
		return Report{}, err
	}
	filter, err := r.checkQuarters(ctx, filter)
	if err != nil {
		return Report{}, err
	}
	of, counted, err := r.rolledUp(ctx, filter)
	if err != nil {
		return Report{}, err
	}
	var rows []Row
	if by.Has(BySubID) {
		rows, err = r.bySubID(ctx, counted, by, &of)
	} else {
		rows, err = r.Store.Report(ctx, counted, by)
	}
	if err != nil {
		return Report{}, err
	}
	hits, err := r.Store.ReportHits(ctx, counted)
	if err != nil {
		return Report{}, err
	}
	report := Report{Period: of, By: by, Lines: []Line{}, Total: sum(rows).figures(), Hits: append([]HitCount{}, hits...)}
	for _, row := range rows {
		line := row.line(by)
		line.Dropped = line.Day != nil && of.dropped(*line.Day)
		report.Lines = append(report.Lines, line)
	}
	return report, nil
}

// bySubID counts from rows. It says in the period since when it counted, and which days
// have no rows any more.
func (r Reports) bySubID(ctx context.Context, filter Filter, by By, of *Period) ([]Row, error) {
	whole, err := r.period(ctx, filter)
	if err != nil {
		return nil, err
	}
	of.Dropped = whole.Dropped
	rows, since, err := r.Store.ReportBySubID(ctx, filter, by, SubIDClicks)
	if err == nil && since.After(filter.From) {
		of.CountedFrom = &since
	}
	return rows, err
}
