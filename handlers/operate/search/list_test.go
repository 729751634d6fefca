package search_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

var _ search.Store = (*store.Store)(nil)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// idAt is an id of that time.
func idAt(at time.Time) uuid.UUID {
	id, first := uuid.Must(uuid.NewV7()), token.FirstID(at)
	copy(id[:6], first[:6])
	return id
}

// converted is a postback of that time that converted.
func converted(at time.Time, offer int64, change func(*attribution.Record)) *attribution.Record {
	h := &hit.Hit{ID: idAt(at), Kind: hit.Postback, ReceivedAt: at, ClientIP: "192.0.2.7", Params: map[string]string{}}
	r := &attribution.Record{Hit: h, Decision: attribution.Decision{Outcome: outcome.Converted, Route: attribution.Global, AccountID: 1, TokenID: 1,
		OfferID: offer, PublisherID: 3, Conversion: &attribution.Conversion{DedupKey: idAt(at), Event: "conversion", Status: "approved",
			Method: hit.Postback, Revenue: decimal.NewFromInt(4), Payout: decimal.RequireFromString("2.5"), Currency: "USD"}}}
	if change != nil {
		change(r)
	}
	r.Request, _ = h.Encode()
	return r
}

// refused is a postback of that time that was rejected.
func refused(at time.Time, reason outcome.Reason) *attribution.Record {
	return converted(at, 0, func(r *attribution.Record) {
		r.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: reason, AccountID: 2}
	})
}

func written(t *testing.T, records ...*attribution.Record) search.Searches {
	t.Helper()
	db := storetest.Open(t)
	for len(records) > 0 {
		n := min(len(records), 500)
		require.NoError(t, db.Write(t.Context(), records[:n]))
		records = records[n:]
	}
	return search.Searches{Store: db}
}

func hitIDs(t *testing.T, found iter.Seq2[search.Hit, error], most int) (ids []uuid.UUID) {
	t.Helper()
	for h, err := range found {
		require.NoError(t, err)
		if ids = append(ids, h.ID); len(ids) == most {
			break
		}
	}
	return ids
}

// TestAListNeitherSkipsNorRepeats: it goes over the ends of pages and of days, over hits of
// one millisecond and hits with an odd clock's time, and over cursors.
func TestAListNeitherSkipsNorRepeats(t *testing.T) {
	t.Parallel()
	var records []*attribution.Record
	add := func(at time.Time) { records = append(records, converted(at, 1, nil)) }
	add(time.Date(2101, 1, 1, 0, 0, 0, 0, time.UTC))
	for i := range 1100 {
		add(noon.Add(time.Hour + time.Duration(i/600)*time.Millisecond))
	}
	for day := range 40 {
		add(noon.AddDate(0, 0, -day))
	}
	add(time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC))
	list := written(t, records...)
	var told search.Progress
	list.Progress = func(at search.Progress) { told = at }
	all, err := list.Hits(t.Context(), search.Filter{}, search.Cursor{}, 0)
	require.NoError(t, err)
	ids := hitIDs(t, all, 0)
	require.Len(t, ids, len(records))
	require.Equal(t, int64(len(records)), told.Rows)
	require.InDelta(t, 1, told.Share, 0)
	for i := range ids[1:] {
		require.Less(t, ids[i+1].String(), ids[i].String(), "the newest first, none twice")
	}

	var paged []uuid.UUID
	for cursor := (search.Cursor{}); len(paged) < len(ids); {
		next, err := list.Hits(t.Context(), search.Filter{}, cursor, 300)
		require.NoError(t, err)
		page := hitIDs(t, next, 300)
		require.NotEmpty(t, page)
		paged = append(paged, page...)
		require.NoError(t, cursor.UnmarshalText([]byte(search.Behind(page[len(page)-1]).String())))
	}
	require.Equal(t, ids, paged)

	conversions := 0
	found, err := list.Conversions(t.Context(), search.Filter{}, search.Cursor{}, 0)
	require.NoError(t, err)
	for c, err := range found {
		require.NoError(t, err)
		require.Equal(t, ids[conversions], c.ID)
		conversions++
	}
	require.Equal(t, len(ids), conversions)
}

func TestHitsAreFilteredByEachField(t *testing.T) {
	t.Parallel()
	first, second := converted(noon, 1, nil), converted(noon.Add(time.Minute), 2, nil)
	third := refused(noon.Add(2*time.Minute), outcome.OfferPaused)
	third.Hit.Kind, third.Decision.PublisherID = hit.Pixel, 9
	list := written(t, first, second, third)
	for name, test := range map[string]struct {
		filter search.Filter
		want   []*attribution.Record
	}{
		"nothing":   {search.Filter{}, []*attribution.Record{third, second, first}},
		"account":   {search.Filter{AccountID: 1}, []*attribution.Record{second, first}},
		"offer":     {search.Filter{OfferID: 2}, []*attribution.Record{second}},
		"publisher": {search.Filter{PublisherID: 9}, []*attribution.Record{third}},
		"kind":      {search.Filter{Kind: hit.Pixel}, []*attribution.Record{third}},
		"outcome":   {search.Filter{Outcome: outcome.Converted}, []*attribution.Record{second, first}},
		"reason":    {search.Filter{Reason: outcome.OfferPaused}, []*attribution.Record{third}},
		"ids":       {search.Filter{IDs: []uuid.UUID{first.Hit.ID, third.Hit.ID}}, []*attribution.Record{third, first}},
		"since":     {search.Filter{Since: noon.Add(time.Minute)}, []*attribution.Record{third, second}},
		"until":     {search.Filter{Until: noon.Add(time.Minute)}, []*attribution.Record{first}},
		"none":      {search.Filter{AccountID: 7}, nil},
	} {
		found, err := list.Hits(t.Context(), test.filter, search.Cursor{}, 0)
		require.NoError(t, err)
		var want []uuid.UUID
		for _, r := range test.want {
			want = append(want, r.Hit.ID)
		}
		require.Equal(t, want, hitIDs(t, found, 0), name)
	}
	_, err := list.Hits(t.Context(), search.Filter{Since: noon, Until: noon}, search.Cursor{}, 0)
	require.ErrorIs(t, err, search.ErrPeriod)
}

func TestConversionsAreFilteredByEachField(t *testing.T) {
	t.Parallel()
	plain := converted(noon, 1, nil)
	other := converted(noon.Add(time.Minute), 2, func(r *attribution.Record) {
		c := r.Decision.Conversion
		c.Method, c.Status, c.Event, c.Currency = hit.Clickless, "pending", "signup", "EUR"
		r.Decision.AccountID, r.Decision.PublisherID = 4, 5
		r.Details.OrderID = "A-1"
	})
	list := written(t, plain, other)
	for name, filter := range map[string]search.Filter{
		"account": {AccountID: 4}, "offer": {OfferID: 2}, "publisher": {PublisherID: 5}, "method": {Kind: hit.Clickless}, "status": {Status: "pending"},
		"event": {Event: "signup"}, "currency": {Currency: "EUR"}, "order": {OrderID: "A-1"}, "since": {Since: noon.Add(time.Second)},
	} {
		found, err := list.Conversions(t.Context(), filter, search.Cursor{}, 0)
		require.NoError(t, err)
		var got []uuid.UUID
		for c, err := range found {
			require.NoError(t, err)
			got = append(got, c.ID)
		}
		require.Equal(t, []uuid.UUID{other.Hit.ID}, got, name)
	}
}

// TestAListEndsWithItsContext: an interrupted one returns an error, so that nobody takes
// it for the whole.
func TestAListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	list := written(t, converted(noon, 1, nil), converted(noon.AddDate(0, 0, -2), 1, nil))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found, err := list.Hits(ctx, search.Filter{}, search.Cursor{}, 1)
	require.NoError(t, err)
	seen := 0
	for _, err := range found {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 1, seen)
			return
		}
		seen++
		cancel()
	}
	t.Fatal("it ended without an error")
}
