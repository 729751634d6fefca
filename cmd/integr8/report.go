package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

type reportCommand struct {
	output
	Account   int64          `placeholder:"ID" help:"Only this account."`
	Offer     int64          `placeholder:"ID" help:"Only this offer."`
	Publisher int64          `placeholder:"ID" help:"Only this publisher."`
	From      moment         `placeholder:"TIME" help:"Begin of the period: a day, a time (RFC 3339), or how long ago (7d). Default 30 days ago."`
	To        moment         `placeholder:"TIME" help:"End of the period; a day is included whole. Default now."`
	By        store.ReportBy `default:"offer" enum:"offer,publisher,day,sub_id" help:"A line for each offer, publisher, day or sub_id. RATE leaves conversions without a click out of account."`
	Conflicts bool           `xor:"kind" help:"List the offers for which the global and the offer-level postback are mixed."`
	Orders    bool           `xor:"kind" help:"List the order ids for which an offer paid more than once within the period, with the amount."`
	Reasons   bool           `xor:"kind" help:"Count the hits that were rejected, unmatched or failed, by reason."`
}

// reportPeriod is how far back a report goes unless told otherwise.
const reportPeriod = 30 * 24 * time.Hour

// reportSpan is the period that an answer is about.
type reportSpan struct {
	From time.Time `json:"from"`
	// To is exclusive.
	To time.Time `json:"to"`
	// Dropped are the days of the period, as 2006-01-02, whose clicks and hits
	// retention has dropped: they are not counted, their conversions are.
	Dropped []string `json:"dropped_days"`
}

// span finds the days of the period that have been dropped.
func span(ctx context.Context, db *store.Store, filter store.ReportFilter) (reportSpan, error) {
	days, err := db.DroppedDays(ctx, filter.From, filter.To)
	if err != nil {
		return reportSpan{}, err
	}
	s := reportSpan{From: filter.From, To: filter.To, Dropped: []string{}}
	for _, day := range days {
		if text := day.Begin.Format(time.DateOnly); !slices.Contains(s.Dropped, text) {
			s.Dropped = append(s.Dropped, text)
		}
	}
	return s, nil
}

func (s reportSpan) row(t *table) {
	t.row(fmt.Sprintf("%s to %s UTC", clock(s.From), clock(s.To)))
	if n := len(s.Dropped); n > 0 {
		t.row(fmt.Sprintf("Without the clicks and hits of %d days from %s to %s, which retention has dropped; conversions are all there.",
			n, s.Dropped[0], s.Dropped[n-1]))
	}
	t.row()
}

// Run reports. Hits count by the time at which they were received.
func (c *reportCommand) Run(ctx context.Context, app *app) error {
	filter := store.ReportFilter{AccountID: c.Account, OfferID: c.Offer, PublisherID: c.Publisher}
	filter.From, filter.To = c.From.Time, c.To.end()
	if filter.To.IsZero() {
		// What was received in this very millisecond is included.
		filter.To = time.Now().UTC().Add(time.Second)
	}
	if filter.From.IsZero() {
		filter.From = filter.To.Add(-reportPeriod)
	}
	if !filter.From.Before(filter.To) {
		return withHint(errors.New("the period ends before it begins"), "--from must be earlier than --to")
	}
	db, err := app.store()
	if err != nil {
		return err
	}
	if err := (named{account: c.Account, offer: c.Offer, publisher: c.Publisher}).check(ctx, db); err != nil {
		return err
	}
	switch {
	case c.Conflicts:
		return c.conflicts(ctx, app, db, filter)
	case c.Orders:
		return c.orders(ctx, app, db, filter)
	case c.Reasons:
		return c.reasons(ctx, app, db, filter)
	default:
		return c.performance(ctx, app, db, filter)
	}
}

// reportAnswer is what report answers unless asked for conflicts or reasons.
type reportAnswer struct {
	reportSpan
	By    store.ReportBy   `json:"by"`
	Lines []reportLine     `json:"lines"`
	Total reportFigures    `json:"total"`
	Hits  []store.HitCount `json:"hits"`
}

// reportLine is one line; of Offer, Publisher, Day and SubID the one is set
// that the report goes by.
type reportLine struct {
	AccountID int64   `json:"account_id"`
	Offer     *int64  `json:"offer,omitempty"`
	Publisher *int64  `json:"publisher,omitempty"`
	Name      string  `json:"name,omitempty"`
	Day       *string `json:"day,omitempty"`
	SubID     *string `json:"sub_id,omitempty"`
	// Dropped marks a day whose clicks and hits retention has dropped.
	Dropped bool `json:"dropped,omitempty"`
	reportFigures
}

// reportFigures are counts and sums.
type reportFigures struct {
	Clicks      int64 `json:"clicks"`
	Conversions int64 `json:"conversions"`
	// ConversionRate is the share of clicks that converted; null without
	// clicks. A clickless conversion does not raise it.
	ConversionRate *float64 `json:"conversion_rate"`
	// Money has one element a currency: amounts of two are never added up.
	Money []store.Takings `json:"money"`
}

func (c *reportCommand) performance(ctx context.Context, app *app, db *store.Store, filter store.ReportFilter) error {
	lines, err := db.Report(ctx, filter, c.By)
	if err != nil {
		return err
	}
	hits, err := db.ReportHits(ctx, filter)
	if err != nil {
		return err
	}
	period, err := span(ctx, db, filter)
	if err != nil {
		return err
	}
	answer := reportAnswer{
		reportSpan: period, By: c.By, Lines: []reportLine{},
		Total: figures(sum(lines)), Hits: append([]store.HitCount{}, hits...),
	}
	for _, line := range lines {
		view := viewReportLine(line, c.By)
		view.Dropped = view.Day != nil && slices.Contains(period.Dropped, *view.Day)
		answer.Lines = append(answer.Lines, view)
	}
	return c.print(app, answer, answer.table)
}

func viewReportLine(line store.ReportLine, by store.ReportBy) reportLine {
	view := reportLine{AccountID: line.AccountID, Name: line.Name, reportFigures: figures(line)}
	switch by {
	case store.ByOffer:
		view.Offer = &line.PartyID
	case store.ByPublisher:
		view.Publisher = &line.PartyID
	case store.ByDay:
		view.Day = &line.Label
	case store.BySubID:
		view.SubID = &line.Label
	}
	return view
}

func figures(line store.ReportLine) reportFigures {
	f := reportFigures{Clicks: line.Clicks, Conversions: line.Conversions, Money: append([]store.Takings{}, line.Money...)}
	if line.Clicks > 0 {
		rate := math.Round(float64(line.ConvertedClicks)/float64(line.Clicks)*1e6) / 1e6
		f.ConversionRate = &rate
	}
	return f
}

// sum adds lines up, each currency for itself.
func sum(lines []store.ReportLine) store.ReportLine {
	var total store.ReportLine
	place := map[string]int{}
	for _, line := range lines {
		total.Clicks += line.Clicks
		total.Conversions += line.Conversions
		total.ConvertedClicks += line.ConvertedClicks
		for _, part := range line.Money {
			at, known := place[part.Currency]
			if !known {
				place[part.Currency] = len(total.Money)
				total.Money = append(total.Money, part)
				continue
			}
			total.Money[at].Conversions += part.Conversions
			total.Money[at].Revenue = total.Money[at].Revenue.Add(part.Revenue)
			total.Money[at].Payout = total.Money[at].Payout.Add(part.Payout)
			total.Money[at].Margin = total.Money[at].Margin.Add(part.Margin)
		}
	}
	return total
}

// conflictView is an offer in conflict as it is answered.
type conflictView struct {
	store.Conflict
	Hint string `json:"hint"`
}

func (c *reportCommand) conflicts(ctx context.Context, app *app, db *store.Store, filter store.ReportFilter) error {
	conflicts, err := db.ReportConflicts(ctx, filter)
	if err != nil {
		return err
	}
	period, err := span(ctx, db, filter)
	if err != nil {
		return err
	}
	views := []conflictView{}
	for _, conflict := range conflicts {
		views = append(views, conflictView{conflict, conflictHint(conflict)})
	}
	return c.print(app, views, func(t *table) {
		period.row(t)
		if len(views) == 0 {
			t.row("No offer mixes the global and the offer-level postback.")
			return
		}
		t.row("ACCOUNT", "OFFER", "NAME", "HITS GLOBAL/OFFER", "CONVERTED GLOBAL/OFFER",
			"DOUBLES", "LAST GLOBAL", "LAST OFFER")
		for _, v := range views {
			t.row(v.AccountID, v.OfferID, long(v.Name), fmt.Sprintf("%d/%d", v.HitsGlobal, v.HitsOffer),
				fmt.Sprintf("%d/%d", v.ConversionsGlobal, v.ConversionsOffer),
				v.DuplicatesOtherURL, clockOrDash(v.LastGlobal), clockOrDash(v.LastOffer))
		}
		t.row()
		for _, v := range views {
			t.row(fmt.Sprintf("offer %d: %s", v.OfferID, v.Hint))
		}
	})
}

func conflictHint(conflict store.Conflict) string {
	if conflict.DuplicatesOtherURL > 0 {
		return attribution.DuplicateOtherURL.Hint()
	}
	return "Both URL forms are in use, though no conversion came through both yet: have the advertiser keep one of them."
}

// reasonView is a reason as it is answered.
type reasonView struct {
	store.ReasonCount
	Hint string `json:"hint"`
}

func (c *reportCommand) reasons(ctx context.Context, app *app, db *store.Store, filter store.ReportFilter) error {
	counts, err := db.ReportReasons(ctx, filter)
	if err != nil {
		return err
	}
	period, err := span(ctx, db, filter)
	if err != nil {
		return err
	}
	views := []reasonView{}
	for _, count := range counts {
		views = append(views, reasonView{count, count.Reason.Hint()})
	}
	return c.print(app, views, func(t *table) {
		period.row(t)
		if len(views) == 0 {
			t.row("Nothing was rejected.")
			return
		}
		t.row("OUTCOME", "REASON", "HITS", "LAST SEEN", "EXAMPLE")
		for _, v := range views {
			t.row(v.Outcome, v.Reason, v.Hits, clock(v.LastSeen), v.Example)
		}
		t.row()
		for _, v := range views {
			t.row(fmt.Sprintf("%s: %s", v.Reason, v.Hint))
		}
	})
}
