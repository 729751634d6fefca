package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// The store is what a report reads.
var _ report.Store = (*store.Store)(nil)

// figures is a Store with fixed figures, in which every account exists. It remembers the
// filter that it got.
type figures struct {
	reference.NamedStore
	rows         []report.Row
	hits         []report.HitCount
	reasons      []report.Reason
	conflicts    []report.Conflict
	orders       []report.Order
	total        int
	dropped      []time.Time
	rolledUpFrom time.Time
	given        report.Filter
	most         int
}

func (f *figures) Account(_ context.Context, id int64) (reference.Account, error) {
	return reference.Account{ID: id, TimeZone: "UTC"}, nil
}
func (f *figures) Report(_ context.Context, filter report.Filter, _ report.By) ([]report.Row, error) {
	f.given = filter
	return f.rows, nil
}
func (f *figures) ReportBySubID(_ context.Context, filter report.Filter, _ report.By, _ int) ([]report.Row, time.Time, error) {
	return f.rows, filter.From, nil
}
func (f *figures) RolledUpFrom(context.Context) (time.Time, error) { return f.rolledUpFrom, nil }
func (f *figures) ReportHits(context.Context, report.Filter) ([]report.HitCount, error) {
	return f.hits, nil
}

func (f *figures) MinuteHits(context.Context, int64, time.Time) ([]report.MinuteHits, error) {
	return nil, nil
}
func (f *figures) ReportReasons(context.Context, report.Filter) ([]report.Reason, error) {
	return f.reasons, nil
}
func (f *figures) ReportConflicts(context.Context, report.Filter) ([]report.Conflict, error) {
	return f.conflicts, nil
}
func (f *figures) ReportOrders(_ context.Context, _ report.Filter, most int) ([]report.Order, int, error) {
	f.most = most
	return f.orders, f.total, nil
}
func (f *figures) DroppedDays(context.Context, time.Time, time.Time) ([]time.Time, error) {
	return f.dropped, nil
}

var (
	noon    = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	march   = report.Filter{From: noon.AddDate(0, 0, -13), To: noon}
	receipt = uuid.MustParse("0195957f-0ab7-7000-8000-000000000001")
)

func takings(currency string, conversions int64, revenue, payout string) report.Takings {
	in, out := decimal.RequireFromString(revenue), decimal.RequireFromString(payout)
	return report.Takings{Currency: currency, Conversions: conversions, Revenue: in, Payout: out, Margin: in.Sub(out)}
}

// sample holds one of everything.
func sample() *figures {
	return &figures{
		rows: []report.Row{
			{AccountID: 1, PartyID: 7, Name: "shoes <red>", Label: "2026-03-13", Clicks: 3, Conversions: 2, ConvertedClicks: 1,
				Money: []report.Takings{takings("EUR", 1, "1", "3"), takings("USD", 1, "4", "2.5")}},
			{AccountID: 2, PartyID: 8, Label: "2026-03-14", Clicks: 0, Conversions: 1, Money: []report.Takings{takings("USD", 1, "0.3", "0.000003")}},
		},
		hits:    []report.HitCount{{Kind: hit.Postback, Outcome: outcome.Converted, Hits: 3}},
		reasons: []report.Reason{{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, Hits: 4, LastSeen: noon, Example: receipt}},
		conflicts: []report.Conflict{
			{AccountID: 1, OfferID: 7, Name: "shoes", HitsGlobal: 1, HitsOffer: 2, ConversionsGlobal: 1, DuplicatesOtherURL: 2, LastGlobal: &noon, LastSeen: noon},
			{AccountID: 1, OfferID: 8, Name: "hats", HitsGlobal: 1, HitsOffer: 1, ConversionsGlobal: 1, ConversionsOffer: 1, LastGlobal: &noon, LastOffer: &noon, LastSeen: noon},
		},
		orders: []report.Order{{AccountID: 1, OfferID: 7, OrderID: "A & 1", Conversions: 3, Ways: "clickless, postback", Currencies: "USD",
			RevenueRepeated: decimal.RequireFromString("8"), PayoutRepeated: decimal.RequireFromString("5"), FirstAt: noon, LastAt: noon.Add(time.Hour), FirstID: receipt}},
		total:   3,
		dropped: []time.Time{noon.Truncate(24*time.Hour).AddDate(0, 0, -1)},
	}
}

// TestTheJSONOfReportsStays compares it with the form that scripts read.
func TestTheJSONOfReportsStays(t *testing.T) {
	t.Parallel()
	store := sample()
	same := func(name string, value any) {
		t.Helper()
		read, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		want := string(read) // without the hints of reasons, which may be worded anew
		for _, reason := range []outcome.Reason{outcome.OfferPaused, outcome.DuplicateOtherURL} {
			want = strings.ReplaceAll(want, "{{"+string(reason)+"}}", reason.Hint())
		}
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		require.NoError(t, encoder.Encode(value))
		require.Equal(t, want, got.String(), name)
	}
	for _, by := range []report.By{report.ByOffer, report.ByPublisher, report.ByDay, report.BySubID} {
		counted, err := report.Reports{Store: store}.Count(t.Context(), march, by)
		require.NoError(t, err)
		same("by_"+string(by)+".json", counted)
	}
	conflicts, err := report.Reports{Store: store}.Conflicts(t.Context(), march)
	require.NoError(t, err)
	same("conflicts.json", conflicts.Conflicts)
	reasons, err := report.Reports{Store: store}.Reasons(t.Context(), march)
	require.NoError(t, err)
	same("reasons.json", reasons.Reasons)
	orders, err := report.Reports{Store: store}.Orders(t.Context(), march)
	require.NoError(t, err)
	same("orders.json", orders)

	nothing := &figures{}
	counted, err := report.Reports{Store: nothing}.Count(t.Context(), march, report.ByOffer)
	require.NoError(t, err)
	same("nothing.json", counted)
	orders, err = report.Reports{Store: nothing}.Orders(t.Context(), march)
	require.NoError(t, err)
	same("no_orders.json", orders)
	conflicts, err = report.Reports{Store: nothing}.Conflicts(t.Context(), march)
	require.NoError(t, err)
	require.NotNil(t, conflicts.Conflicts, "an empty list, not null")
	reasons, err = report.Reports{Store: nothing}.Reasons(t.Context(), march)
	require.NoError(t, err)
	require.NotNil(t, reasons.Reasons, "an empty list, not null")
}

func TestTheTotalAddsEachCurrencyForItself(t *testing.T) {
	t.Parallel()
	counted, err := report.Reports{Store: sample()}.Count(t.Context(), march, report.ByDay)
	require.NoError(t, err)
	require.EqualValues(t, 3, counted.Total.Clicks)
	require.EqualValues(t, 3, counted.Total.Conversions)
	require.Equal(t, 0.333333, *counted.Total.ConversionRate)
	require.Len(t, counted.Total.Money, 2)
	require.Equal(t, "4.3", counted.Total.Money[1].Revenue.String())
	require.Equal(t, "1.799997", counted.Total.Money[1].Margin.String())
	require.Nil(t, counted.Lines[1].ConversionRate, "no clicks, no rate")
	require.True(t, counted.Lines[0].Dropped)
	require.False(t, counted.Lines[1].Dropped)
}

func TestAPeriodGoesToNowAndAMonthBackUnlessSaidOtherwise(t *testing.T) {
	t.Parallel()
	store := &figures{}
	before := time.Now()
	counted, err := report.Reports{Store: store}.Count(t.Context(), report.Filter{AccountID: 3}, report.ByOffer)
	require.NoError(t, err)
	require.True(t, counted.To.After(before), "what has just come is counted")
	require.Equal(t, report.DefaultPeriod, counted.To.Sub(counted.From))
	require.Equal(t, report.Filter{AccountID: 3, From: counted.From, To: counted.To}, store.given)

	for _, filter := range []report.Filter{{From: noon, To: noon}, {From: noon, To: noon.Add(-time.Second)}} {
		_, err := report.Reports{Store: store}.Count(t.Context(), filter, report.ByOffer)
		require.ErrorIs(t, err, report.ErrPeriod)
		_, err = report.Reports{Store: store}.Conflicts(t.Context(), filter)
		require.ErrorIs(t, err, report.ErrPeriod)
		_, err = report.Reports{Store: store}.Reasons(t.Context(), filter)
		require.ErrorIs(t, err, report.ErrPeriod)
		_, err = report.Reports{Store: store}.Orders(t.Context(), filter)
		require.ErrorIs(t, err, report.ErrPeriod)
	}
}

// TestNoReportOfWhatIsNotThereLooksEmpty asks a real database.
func TestNoReportOfWhatIsNotThereLooksEmpty(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	keys, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	north, south := storetest.NewAccount(t, db, keys, "north"), storetest.NewBareAccount(t, db, keys, "south")
	reports := report.Reports{Store: db}
	all := func(filter report.Filter) (errs []error) {
		_, err := reports.Count(t.Context(), filter, report.ByOffer)
		errs = append(errs, err)
		_, err = reports.Conflicts(t.Context(), filter)
		errs = append(errs, err)
		_, err = reports.Reasons(t.Context(), filter)
		errs = append(errs, err)
		_, err = reports.Orders(t.Context(), filter)
		return append(errs, err)
	}
	for want, filter := range map[reference.NotFoundError]report.Filter{
		{Object: reference.AccountObject, ID: 9}:                                    {AccountID: 9},
		{Object: reference.OfferObject, ID: 9}:                                      {OfferID: 9},
		{Object: reference.PublisherObject, ID: 9}:                                  {PublisherID: 9},
		{Object: reference.OfferObject, ID: north.Offer, Account: south.ID}:         {AccountID: south.ID, OfferID: north.Offer},
		{Object: reference.PublisherObject, ID: north.Publisher, Account: south.ID}: {AccountID: south.ID, PublisherID: north.Publisher},
	} {
		for _, err := range all(filter) {
			var missing *reference.NotFoundError
			require.ErrorAs(t, err, &missing)
			require.Equal(t, want, *missing)
		}
	}
	for _, err := range all(report.Filter{AccountID: north.ID, OfferID: north.Offer, PublisherID: north.Publisher}) {
		require.NoError(t, err)
	}
}

// TestAReportOfAnEmptySystemIsEmpty asks a real database all that a report asks.
func TestAReportOfAnEmptySystemIsEmpty(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for _, by := range []report.By{report.ByOffer, report.ByPublisher, report.ByDay, report.BySubID} {
		counted, err := report.Reports{Store: db}.Count(t.Context(), report.Filter{}, by)
		require.NoError(t, err)
		require.Empty(t, counted.Lines)
		require.Empty(t, counted.Hits)
		require.Empty(t, counted.Dropped)
	}
	conflicts, err := report.Reports{Store: db}.Conflicts(t.Context(), report.Filter{})
	require.NoError(t, err)
	require.Empty(t, conflicts.Conflicts)
	reasons, err := report.Reports{Store: db}.Reasons(t.Context(), report.Filter{})
	require.NoError(t, err)
	require.Empty(t, reasons.Reasons)
	orders, err := report.Reports{Store: db}.Orders(t.Context(), report.Filter{})
	require.NoError(t, err)
	require.Zero(t, orders.Total)
}
