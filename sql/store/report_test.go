package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

var aDay = store.ReportFilter{From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour)}

// takings is a line as a test writes it: amounts as text.
type takings struct{ Currency, Revenue, Payout, Margin string }

func money(line store.ReportLine) []takings {
	var parts []takings
	for _, part := range line.Money {
		parts = append(parts, takings{part.Currency, part.Revenue.String(), part.Payout.String(), part.Margin.String()})
	}
	return parts
}

func TestReportSumsExactlyAndNeverAcrossCurrencies(t *testing.T) {
	b := openBooks(t)
	b.party(1)
	for range 10 { // ten times a tenth is one, which floats do not know
		transaction, _ := b.click(1, noon, "")
		b.conversion(b.idAt(noon), 1, noon, &transaction, "0.1", "0.000001", "USD", "")
	}
	b.click(1, noon, "")
	b.conversion(b.idAt(noon), 1, noon, nil, "1", "3", "EUR", "")

	lines, err := b.Report(context.Background(), aDay, store.ByOffer)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, "offer 1", lines[0].Name)
	require.EqualValues(t, 11, lines[0].Clicks)
	require.EqualValues(t, 11, lines[0].Conversions)
	require.EqualValues(t, 10, lines[0].ConvertedClicks)
	require.Empty(t, cmp.Diff([]takings{{"EUR", "1", "3", "-2"}, {"USD", "1", "0.00001", "0.99999"}}, money(lines[0])))
}

func TestReportBreaksDownAndFilters(t *testing.T) {
	b := openBooks(t)
	b.party(1)
	b.party(2)
	yesterday := noon.Add(-24 * time.Hour)
	b.click(1, yesterday, "mail")
	b.click(1, noon, "mail")
	b.click(1, noon, "")
	b.click(2, noon, "mail")
	b.conversion(b.idAt(noon), 2, noon, nil, "5", "4", "USD", "search")
	b.click(1, noon.Add(-48*time.Hour), "too early")
	period := store.ReportFilter{From: noon.Add(-36 * time.Hour), To: noon.Add(time.Hour)}

	type line struct {
		account, party      int64
		name, label         string
		clicks, conversions int64
	}
	for name, test := range map[string]struct {
		filter store.ReportFilter
		by     store.ReportBy
		want   []line
	}{
		"offer":     {period, store.ByOffer, []line{{1, 1, "offer 1", "", 3, 0}, {2, 2, "offer 2", "", 1, 1}}},
		"publisher": {period, store.ByPublisher, []line{{1, 1, "publisher 1", "", 3, 0}, {2, 2, "publisher 2", "", 1, 1}}},
		"day":       {period, store.ByDay, []line{{1, 0, "", "2026-03-13", 1, 0}, {1, 0, "", "2026-03-14", 2, 0}, {2, 0, "", "2026-03-14", 1, 1}}},
		"sub_id":    {period, store.BySubID, []line{{1, 0, "", "", 1, 0}, {1, 0, "", "mail", 2, 0}, {2, 0, "", "mail", 1, 0}, {2, 0, "", "search", 0, 1}}},
		"one account": {store.ReportFilter{AccountID: 2, From: period.From, To: period.To}, store.ByOffer,
			[]line{{2, 2, "offer 2", "", 1, 1}}},
		"one offer": {store.ReportFilter{OfferID: 1, From: period.From, To: period.To}, store.ByPublisher,
			[]line{{1, 1, "publisher 1", "", 3, 0}}},
		"one publisher": {store.ReportFilter{PublisherID: 2, From: period.From, To: period.To}, store.ByOffer,
			[]line{{2, 2, "offer 2", "", 1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := b.Report(context.Background(), test.filter, test.by)
			require.NoError(t, err)
			var got []line
			for _, l := range lines {
				got = append(got, line{l.AccountID, l.PartyID, l.Name, l.Label, l.Clicks, l.Conversions})
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestReportTouchesOnlyThePartitionsOfItsPeriod(t *testing.T) {
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var plan []string
	require.NoError(t, b.db.Select(&plan, `EXPLAIN SELECT count(*) FROM hits WHERE id >= $1 AND id < $2`,
		b.idAt(today), b.idAt(today.Add(23*time.Hour))))
	require.Contains(t, plan[0]+plan[1]+plan[2], "hits_"+today.Format("20060102"))
	for _, line := range plan {
		require.NotContains(t, line, "hits_"+today.AddDate(0, 0, 1).Format("20060102"))
	}
}

func TestReportCountsHitsAndReasons(t *testing.T) {
	b := openBooks(t)
	b.click(1, noon, "")
	for i := range 3 {
		b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon.Add(time.Duration(i) * time.Second),
			Outcome: attribution.Rejected, Reason: attribution.OfferPaused})
	}
	newest := b.hit(hitRow{Account: 1, Kind: hit.Pixel, At: noon.Add(time.Minute),
		Outcome: attribution.Rejected, Reason: attribution.OfferPaused})
	b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon, Outcome: attribution.Duplicate, Reason: attribution.DuplicateSameURL})

	counts, err := b.ReportHits(context.Background(), aDay)
	require.NoError(t, err)
	require.Equal(t, []store.HitCount{
		{Kind: hit.Click, Outcome: attribution.Recorded, Hits: 1},
		{Kind: hit.Pixel, Outcome: attribution.Rejected, Hits: 1},
		{Kind: hit.Postback, Outcome: attribution.Duplicate, Hits: 1},
		{Kind: hit.Postback, Outcome: attribution.Rejected, Hits: 3},
	}, counts)

	reasons, err := b.ReportReasons(context.Background(), aDay)
	require.NoError(t, err)
	require.Equal(t, []store.ReasonCount{{Outcome: attribution.Rejected, Reason: attribution.OfferPaused, Hits: 4,
		LastSeen: noon.Add(time.Minute), Example: newest}}, reasons)
}

func TestConflictsAreTheOffersThatMixBothURLForms(t *testing.T) {
	b := openBooks(t)
	b.party(1)
	b.party(2)
	converted(b)
	for range 4 { // only one form: no conflict
		b.hit(hitRow{Account: 2, Kind: hit.Postback, At: noon, Outcome: attribution.Converted, Route: attribution.Global, Offer: 2})
	}
	b.hit(hitRow{Account: 2, Kind: hit.Clickless, At: noon, Outcome: attribution.Converted, Route: attribution.OfferURL, Offer: 2})
	b.hit(hitRow{Account: 0, Kind: hit.Postback, At: noon, Outcome: attribution.Rejected, Reason: attribution.UnknownToken})
	// Tokens that do not speak for the offer are no use of its URL.
	for _, reason := range []attribution.Reason{attribution.WrongOffer, attribution.WrongAccount, attribution.WrongDomain,
		attribution.WrongPurpose, attribution.ExpiredToken} {
		b.hit(hitRow{Account: 2, Kind: hit.Postback, At: noon, Outcome: attribution.Rejected, Reason: reason,
			Route: attribution.OfferURL, Offer: 2})
	}

	conflicts, err := b.ReportConflicts(context.Background(), aDay)
	require.NoError(t, err)
	global, own := noon.Add(time.Minute), noon.Add(2*time.Minute)
	require.Equal(t, []store.Conflict{{AccountID: 1, OfferID: 1, Name: "offer 1", HitsGlobal: 1, HitsOffer: 1,
		ConversionsGlobal: 1, DuplicatesOtherURL: 1, LastGlobal: &global, LastOffer: &own, LastSeen: own}}, conflicts)
}
