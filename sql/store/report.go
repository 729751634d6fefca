package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"integr8/handlers/operate/report"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// reportParts is how many dimensions a report has at most.
const reportParts = 2

// reportKey identifies a line: the values of its dimensions, each an id or the number of a
// label, or a text.
type reportKey struct {
	account int64
	ids     [reportParts]int64
	texts   [reportParts]string
	outcome outcome.Outcome
}

// compareReportKeys orders lines by account and then by their dimensions.
func compareReportKeys(a, b reportKey) int {
	return cmp.Or(cmp.Compare(a.account, b.account),
		cmp.Compare(a.ids[0], b.ids[0]), cmp.Compare(a.texts[0], b.texts[0]),
		cmp.Compare(a.ids[1], b.ids[1]), cmp.Compare(a.texts[1], b.texts[1]), cmp.Compare(a.outcome, b.outcome))
}

// reportLines are the lines of a report while they are summed up.
type reportLines map[reportKey]*report.Row

func (l reportLines) at(key reportKey) *report.Row {
	if l[key] == nil {
		l[key] = &report.Row{AccountID: key.account, Outcome: key.outcome}
	}
	return l[key]
}

// sorted returns the lines in order, as complete fills them in. Lines that count nothing
// are left out.
func (l reportLines) sorted(complete func(reportKey, *report.Row)) []report.Row {
	keys := make([]reportKey, 0, len(l))
	for key, row := range l {
		if row.Hits != 0 || row.Clicks != 0 || row.Conversions != 0 || len(row.Money) > 0 {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, compareReportKeys)
	rows := make([]report.Row, len(keys))
	for i, key := range keys {
		complete(key, l[key])
		slices.SortFunc(l[key].Money, func(a, b report.Takings) int { return cmp.Compare(a.Currency, b.Currency) })
		rows[i] = *l[key]
	}
	return rows
}

// addTakings adds money of one currency to a line.
func addTakings(row *report.Row, more report.Takings) {
	i := slices.IndexFunc(row.Money, func(t report.Takings) bool { return t.Currency == more.Currency })
	if i < 0 {
		row.Money, i = append(row.Money, report.Takings{Currency: more.Currency}), len(row.Money)
	}
	sum := &row.Money[i]
	sum.Conversions += more.Conversions
	sum.Revenue, sum.Payout = sum.Revenue.Add(more.Revenue), sum.Payout.Add(more.Payout)
	sum.Margin = sum.Revenue.Sub(sum.Payout)
}

// Report counts clicks, conversions and money by roll-ups, in order of account and of the
// dimensions. The filter's period is of whole quarter hours.
func (s *Store) Report(ctx context.Context, filter report.Filter, by report.By) ([]report.Row, error) {
	parties, err := s.parties(ctx, by)
	if err != nil {
		return nil, fmt.Errorf("report by %s: %w", by, err)
	}
	spans, labels := filter.Spans(by)
	query := rollupQuery{
		filter: filter, spans: spans, byAccount: true, byReason: by.Has(report.ByReason), byPublisher: by.Has(report.ByPublisher),
		byOffer: by.Has(report.ByOffer) || by.Has(report.ByAdvertiser),
	}
	if !query.byReason {
		query.outcomes = []outcome.Outcome{outcome.Recorded, outcome.Converted}
	}
	sums, err := s.readRollups(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("report by %s: %w", by, err)
	}
	lines := reportLines{}
	for _, sum := range sums {
		addSum(lines.at(parties.keyOf(sum, by)), sum, query.byReason)
	}
	return lines.sorted(func(key reportKey, row *report.Row) {
		var parts [reportParts]report.Part
		for i, dimension := range by.Dimensions() {
			parts[i] = parties.part(dimension, key, i, labels)
		}
		row.PartyID, row.Name, row.Label, row.Second = parts[0].PartyID, parts[0].Name, parts[0].Label, parts[1]
	}), nil
}

// addSum adds a sum of one kind, outcome and currency to its line.
func addSum(row *report.Row, sum rollupSum, countHits bool) {
	if countHits {
		row.Hits += sum.Hits
	}
	switch {
	case sum.Kind == hit.Click && sum.Outcome == outcome.Recorded:
		row.Clicks += sum.Hits - sum.Bots
	case sum.Outcome == outcome.Converted:
		row.Conversions += sum.Hits
		if sum.Kind != hit.Clickless {
			row.ConvertedClicks += sum.Hits
		}
		addTakings(row, report.Takings{Currency: sum.Currency, Conversions: sum.Hits, Revenue: sum.Revenue, Payout: sum.Payout})
	}
}

// party is an offer, a publisher or an advertiser.
type party struct {
	dimension   report.By
	account, id int64
}

// parties are the names of parties, and the advertisers of offers.
type parties struct {
	names       map[party]string
	advertisers map[party]int64 // by offer
}

// parties reads the parties that the dimensions need.
func (s *Store) parties(ctx context.Context, by report.By) (parties, error) {
	var rows []struct {
		What         report.By `db:"what"`
		AccountID    int64     `db:"account_id"`
		ID           int64     `db:"id"`
		Name         string    `db:"name"`
		AdvertiserID int64     `db:"advertiser_id"`
	}
	err := readRows(ctx, s, &rows, "reports/names", args{
		"offers":      by.Has(report.ByOffer) || by.Has(report.ByAdvertiser),
		"publishers":  by.Has(report.ByPublisher),
		"advertisers": by.Has(report.ByAdvertiser),
	})
	if err != nil {
		return parties{}, err
	}
	known := parties{names: make(map[party]string, len(rows)), advertisers: map[party]int64{}}
	for _, row := range rows {
		of := party{row.What, row.AccountID, row.ID}
		known.names[of] = row.Name
		if row.What == report.ByOffer {
			known.advertisers[of] = row.AdvertiserID
		}
	}
	return known, nil
}

// keyOf returns the line of a sum.
func (p parties) keyOf(sum rollupSum, by report.By) reportKey {
	key := reportKey{account: sum.AccountID}
	for i, dimension := range by.Dimensions() {
		switch dimension {
		case report.ByOffer:
			key.ids[i] = sum.OfferID
		case report.ByPublisher:
			key.ids[i] = sum.PublisherID
		case report.ByAdvertiser:
			key.ids[i] = p.advertisers[party{report.ByOffer, sum.AccountID, sum.OfferID}]
		case report.ByDay, report.ByHour:
			key.ids[i] = sum.Label
		case report.ByReason:
			key.outcome, key.texts[i] = sum.Outcome, string(sum.Reason)
		}
	}
	return key
}

// part returns the value of a dimension of a line.
func (p parties) part(dimension report.By, key reportKey, i int, labels []string) report.Part {
	switch dimension {
	case report.ByDay, report.ByHour:
		return report.Part{Label: labels[key.ids[i]]}
	case report.ByReason, report.BySubID:
		return report.Part{Label: key.texts[i]}
	default:
		return report.Part{PartyID: key.ids[i], Name: p.names[party{dimension, key.account, key.ids[i]}]}
	}
}

// ReportHits counts the hits that were received in the period, of whole quarter hours, by
// outcome.
func (s *Store) ReportHits(ctx context.Context, filter report.Filter) ([]report.HitCount, error) {
	spans, _ := filter.Spans("")
	sums, err := s.readRollups(ctx, rollupQuery{filter: filter, spans: spans})
	if err != nil {
		return nil, fmt.Errorf("count hits: %w", err)
	}
	hits := map[report.HitCount]int64{}
	for _, sum := range sums {
		hits[report.HitCount{Kind: sum.Kind, Outcome: sum.Outcome}] += sum.Hits
	}
	var counts []report.HitCount
	for count, n := range hits {
		if count.Hits = n; n != 0 {
			counts = append(counts, count)
		}
	}
	slices.SortFunc(counts, func(a, b report.HitCount) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome))
	})
	return counts, nil
}

// ReportConflicts lists the offers for which both URL forms were used in the
// period, those with the most doubled conversions first.
func (s *Store) ReportConflicts(ctx context.Context, filter report.Filter) ([]report.Conflict, error) {
	var conflicts []report.Conflict
	if err := readRows(ctx, s, &conflicts, "reports/conflicts", reportArguments(filter)); err != nil {
		return nil, fmt.Errorf("look for conflicts: %w", err)
	}
	return conflicts, nil
}

func reportArguments(f report.Filter) args {
	return args{
		"account_id":   f.AccountID,
		"offer_id":     f.OfferID,
		"publisher_id": f.PublisherID,
		"low":          token.FirstID(f.From),
		"high":         token.FirstID(f.To),
	}
}

// zoneName returns the name of the filter's zone.
func zoneName(f report.Filter) string {
	if f.Zone == nil {
		return time.UTC.String()
	}
	return f.Zone.String()
}
