package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

var aDay = report.Filter{From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour)}

// takings is a line in the form that tests write, with its amounts as text.
type takings struct{ Currency, Revenue, Payout, Margin string }

func money(line report.Row) []takings {
	var parts []takings
	for _, part := range line.Money {
		parts = append(parts, takings{part.Currency, part.Revenue.String(), part.Payout.String(), part.Margin.String()})
	}
	return parts
}

func TestReportSumsExactlyAndNeverAcrossCurrencies(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	for range 10 { // ten times a tenth is one, but not with floats
		transaction, _ := b.click(1, noon, "")
		b.conversion(b.idAt(noon), 1, noon, &transaction, "0.1", "0.000001", "USD", "")
	}
	b.click(1, noon, "")
	b.clickless(1, noon, "1", "3", "EUR", "")

	b.rollUp(aDay.From, aDay.To)
	lines, err := b.Report(context.Background(), aDay, report.ByOffer)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, "offer 1", lines[0].Name)
	require.EqualValues(t, 11, lines[0].Clicks)
	require.EqualValues(t, 11, lines[0].Conversions)
	require.EqualValues(t, 10, lines[0].ConvertedClicks)
	require.Empty(t, cmp.Diff([]takings{{"EUR", "1", "3", "-2"}, {"USD", "1", "0.00001", "0.99999"}}, money(lines[0])))
}

func TestReportBreaksDownAndFilters(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	b.party(2)
	yesterday := noon.Add(-24 * time.Hour)
	b.click(1, yesterday, "mail")
	b.click(1, noon, "mail")
	b.click(1, noon, "")
	b.click(2, noon, "mail")
	b.clickless(2, noon, "5", "4", "USD", "search")
	b.click(1, noon.Add(-48*time.Hour), "too early")
	period := report.Filter{From: noon.Add(-36 * time.Hour), To: noon.Add(time.Hour)}
	b.rollUp(period.From, period.To)

	type line struct {
		account, party      int64
		name, label         string
		clicks, conversions int64
	}
	for name, test := range map[string]struct {
		filter report.Filter
		by     report.By
		want   []line
	}{
		"day and publisher": {period, "day,publisher", []line{{1, 0, "", "2026-03-13", 1, 0}, {1, 0, "", "2026-03-14", 2, 0}, {2, 0, "", "2026-03-14", 1, 1}}},
		"advertiser":        {period, report.ByAdvertiser, []line{{1, 1, "advertiser", "", 3, 0}, {2, 2, "advertiser", "", 1, 1}}},
		"offer":             {period, report.ByOffer, []line{{1, 1, "offer 1", "", 3, 0}, {2, 2, "offer 2", "", 1, 1}}},
		"publisher":         {period, report.ByPublisher, []line{{1, 1, "publisher 1", "", 3, 0}, {2, 2, "publisher 2", "", 1, 1}}},
		"day":               {period, report.ByDay, []line{{1, 0, "", "2026-03-13", 1, 0}, {1, 0, "", "2026-03-14", 2, 0}, {2, 0, "", "2026-03-14", 1, 1}}},
		"sub_id":            {period, report.BySubID, []line{{1, 0, "", "", 1, 0}, {1, 0, "", "mail", 2, 0}, {2, 0, "", "mail", 1, 0}, {2, 0, "", "search", 0, 1}}},
		"one account": {report.Filter{AccountID: 2, From: period.From, To: period.To}, report.ByOffer,
			[]line{{2, 2, "offer 2", "", 1, 1}}},
		"one offer": {report.Filter{OfferID: 1, From: period.From, To: period.To}, report.ByPublisher,
			[]line{{1, 1, "publisher 1", "", 3, 0}}},
		"one publisher": {report.Filter{PublisherID: 2, From: period.From, To: period.To}, report.ByOffer,
			[]line{{2, 2, "offer 2", "", 1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := b.Report(context.Background(), test.filter, test.by)
			if test.by == report.BySubID {
				lines, _, err = b.ReportBySubID(context.Background(), test.filter, test.by, 4)
			}
			require.NoError(t, err)
			var got []line
			for _, l := range lines {
				got = append(got, line{l.AccountID, l.PartyID, l.Name, l.Label, l.Clicks, l.Conversions})
			}
			require.Equal(t, test.want, got)
		})
	}
}

// TestAReportOfAnAccountHasTheDaysOfItsZone unless another zone is asked for: in Tokyo the
// 15th of March begins at 15:00 of the 14th in UTC.
func TestAReportOfAnAccountHasTheDaysOfItsZone(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	b.party(2)
	_, err := b.EditAccount(t.Context(), 1, reference.AccountChange{TimeZone: new("Asia/Tokyo")})
	require.NoError(t, err)
	evening := noon.Add(4 * time.Hour)
	b.click(1, noon, "")
	b.click(1, evening, "")
	b.click(2, evening, "")
	b.rollUp(aDay.From, aDay.To)

	type day struct {
		account int64
		day     string
		clicks  int64
	}
	ofTokyo, ofUTC := []day{{1, "2026-03-14", 1}, {1, "2026-03-15", 1}}, []day{{1, "2026-03-14", 2}}
	reports := report.Reports{Store: b.Store}
	for name, test := range map[string]struct {
		filter     report.Filter
		named, has string
		want       []day
	}{
		"of the account":                     {report.Filter{AccountID: 1}, "", "Asia/Tokyo", ofTokyo},
		"of its offer":                       {report.Filter{OfferID: 1}, "", "Asia/Tokyo", ofTokyo},
		"of its publisher":                   {report.Filter{PublisherID: 1}, "", "Asia/Tokyo", ofTokyo},
		"of the account, in UTC":             {report.Filter{AccountID: 1}, "UTC", "", ofUTC},
		"of the account, in another zone":    {report.Filter{AccountID: 1}, "America/New_York", "America/New_York", ofUTC},
		"of an account without a zone":       {report.Filter{AccountID: 2}, "", "", []day{{2, "2026-03-14", 1}}},
		"of all accounts":                    {report.Filter{}, "", "", append(ofUTC, day{2, "2026-03-14", 1})},
		"of all accounts, in a zone's hours": {report.Filter{}, "Asia/Tokyo", "Asia/Tokyo", append(ofTokyo, day{2, "2026-03-15", 1})},
	} {
		filter := test.filter
		filter.From, filter.To = aDay.From, aDay.To
		filter.Zone, err = reports.Zone(t.Context(), filter, test.named)
		require.NoError(t, err, name)
		counted, err := reports.Count(t.Context(), filter, report.ByDay)
		require.NoError(t, err, name)
		require.Equal(t, test.has, counted.Zone, name)
		var got []day
		for _, line := range counted.Lines {
			got = append(got, day{line.AccountID, *line.Day, line.Clicks})
		}
		require.Equal(t, test.want, got, name)
	}

	for want, filter := range map[reference.NotFoundError]report.Filter{
		{Object: reference.AccountObject, ID: 9}: {AccountID: 9}, {Object: reference.OfferObject, ID: 9}: {OfferID: 9},
	} {
		_, err = reports.Zone(t.Context(), filter, "")
		require.EqualError(t, err, want.Error())
	}
	_, err = reports.Zone(t.Context(), report.Filter{AccountID: 1}, "Moon")
	require.ErrorIs(t, err, operate.ErrZone)
	b.exec("INSERT INTO account_time_zones VALUES (1, 'Mars/Olympus') ON CONFLICT (account_id) DO UPDATE SET time_zone = excluded.time_zone")
	_, err = reports.Zone(t.Context(), report.Filter{AccountID: 1}, "")
	require.ErrorIs(t, err, reference.ErrConflict)
	require.EqualError(t, err, `account 1 has the time zone "Mars/Olympus", which this integr8 does not know`)
	require.Contains(t, failure.Hint(err), "account edit 1 --time-zone")
}

func TestReportTouchesOnlyThePartitionsOfItsPeriod(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	b := openBooks(t)
	b.click(1, noon, "")
	for i := range 3 {
		b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon.Add(time.Duration(i) * time.Second),
			Outcome: outcome.Rejected, Reason: outcome.OfferPaused})
	}
	newest := b.hit(hitRow{Account: 1, Kind: hit.Pixel, At: noon.Add(time.Minute),
		Outcome: outcome.Rejected, Reason: outcome.OfferPaused})
	b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon, Outcome: outcome.Duplicate, Reason: outcome.DuplicateSameURL})

	b.rollUp(aDay.From, aDay.To)
	counts, err := b.ReportHits(context.Background(), aDay)
	require.NoError(t, err)
	require.Equal(t, []report.HitCount{
		{Kind: hit.Click, Outcome: outcome.Recorded, Hits: 1},
		{Kind: hit.Pixel, Outcome: outcome.Rejected, Hits: 1},
		{Kind: hit.Postback, Outcome: outcome.Duplicate, Hits: 1},
		{Kind: hit.Postback, Outcome: outcome.Rejected, Hits: 3},
	}, counts)

	reasons, err := b.ReportReasons(context.Background(), aDay)
	require.NoError(t, err)
	require.Equal(t, []report.Reason{{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, Hits: 4,
		LastSeen: noon.Add(time.Minute), Example: newest}}, reasons)
}

func TestConflictsAreTheOffersThatMixBothURLForms(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	b.party(2)
	converted(b)
	for range 4 { // only one form: no conflict
		b.hit(hitRow{Account: 2, Kind: hit.Postback, At: noon, Outcome: outcome.Converted, Route: attribution.Global, Offer: 2})
	}
	b.hit(hitRow{Account: 2, Kind: hit.Clickless, At: noon, Outcome: outcome.Converted, Route: attribution.OfferURL, Offer: 2})
	b.hit(hitRow{Account: 0, Kind: hit.Postback, At: noon, Outcome: outcome.Rejected, Reason: outcome.UnknownToken})
	// A hit with a token of another account or offer is no use of the offer's URL.
	for _, reason := range []outcome.Reason{outcome.WrongOffer, outcome.WrongAccount, outcome.WrongDomain,
		outcome.WrongPurpose, outcome.ExpiredToken} {
		b.hit(hitRow{Account: 2, Kind: hit.Postback, At: noon, Outcome: outcome.Rejected, Reason: reason,
			Route: attribution.OfferURL, Offer: 2})
	}

	conflicts, err := b.ReportConflicts(context.Background(), aDay)
	require.NoError(t, err)
	global, own := noon.Add(time.Minute), noon.Add(2*time.Minute)
	require.Equal(t, []report.Conflict{{AccountID: 1, OfferID: 1, Name: "offer 1", HitsGlobal: 1, HitsOffer: 1,
		ConversionsGlobal: 1, DuplicatesOtherURL: 1, LastGlobal: &global, LastOffer: &own, LastSeen: own}}, conflicts)
}

// TestAReportBySubIDReadsTheNewestClicksOnly and returns since when it counted.
func TestAReportBySubIDReadsTheNewestClicksOnly(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	for i := range 5 {
		b.click(1, noon.Add(time.Duration(i)*time.Minute), "mail")
	}
	lines, since, err := b.ReportBySubID(t.Context(), aDay, "publisher,sub_id", 3)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.EqualValues(t, 3, lines[0].Clicks)
	require.Equal(t, report.Part{Label: "mail"}, lines[0].Second)
	require.Equal(t, "publisher 1", lines[0].Name)
	require.Equal(t, noon.Add(time.Minute+time.Millisecond), since)
	lines, since, err = b.ReportBySubID(t.Context(), aDay, report.BySubID, 5)
	require.NoError(t, err)
	require.EqualValues(t, 5, lines[0].Clicks)
	require.Equal(t, aDay.From, since)
}
