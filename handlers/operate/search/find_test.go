package search_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// hash stands for the hash of an e-mail address.
const hash = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"

// marked is a conversion with all values by which it can be found.
func marked(at time.Time) *attribution.Record {
	return converted(at, 1, func(r *attribution.Record) {
		r.Hit.TokenDigest, r.Hit.ClientIP = token.DigestOf("marked"), "2001:db8::1"
		r.Hit.Params = map[string]string{"order_id": "A-1", "external_transaction_id": "E-1", "sub_id": "s1", "device_id": "phone",
			"conversion_ip": "198.51.100.7:80", "user_email": hash}
		r.Details = attribution.Details{OrderID: "A-1", ExternalTransactionID: "E-1", SubIDs: [6]string{"s1"}, DeviceID: "phone",
			ConversionIP: netip.MustParseAddr("198.51.100.7"), ClickIP: "203.0.113.9", UserEmailHash: hash}
	})
}

// values are queries that find marked.
var values = map[string]search.Filter{
	"order": {OrderID: "A-1"}, "external id": {ExternalID: "E-1"}, "sub_id": {SubID: "s1"}, "device": {DeviceID: "phone"},
	"client": {IP: netip.MustParseAddr("2001:db8::1")}, "conversion_ip": {IP: netip.MustParseAddr("198.51.100.7")},
	"token": {Token: token.DigestOf("marked")}, "e-mail": {EmailHash: hash}, "several": {OrderID: "A-1", DeviceID: "phone"},
}

func TestAHitAndItsConversionAreFoundByEachValue(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Microsecond)
	wanted, other := marked(now.Add(-3*time.Hour)), converted(now.Add(-2*time.Hour), 2, func(r *attribution.Record) {
		r.Hit.Params = map[string]string{"order_id": "B", "sub_id": "b", "device_id": "b"}
	})
	searches := written(t, wanted, other)
	for name, filter := range values {
		found, err := searches.Find(t.Context(), search.Query{Filter: filter, Limit: 10})
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{wanted.Hit.ID}, receiptsOf(found), name)
		require.Len(t, found.Conversions, 1, name)
		require.Equal(t, wanted.Hit.ID, found.Conversions[0].ID, name)
		require.Nil(t, found.Next, name)
		require.Contains(t, found.NotLookedAt[0], "`--since` looks further back", name)
	}
	found, err := searches.Find(t.Context(), search.Query{Filter: search.Filter{IP: netip.MustParseAddr("203.0.113.9")}, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, found.Hits)
	require.Len(t, found.Conversions, 1, "by the address of its click")

	for name, query := range map[string]search.Query{
		"another value":     {Filter: search.Filter{OrderID: "A-2"}},
		"one of two":        {Filter: search.Filter{OrderID: "A-1", DeviceID: "b"}},
		"another offer":     {Filter: search.Filter{OrderID: "A-1", OfferID: 2}},
		"another publisher": {Filter: search.Filter{Token: token.DigestOf("marked"), PublisherID: 9}},
		"later":             {Filter: search.Filter{OrderID: "A-1", Since: now.Add(-time.Hour)}},
		"another token":     {Filter: search.Filter{Token: token.DigestOf("another")}},
	} {
		query.Limit = 10
		found, err := searches.Find(t.Context(), query)
		require.NoError(t, err)
		require.Empty(t, found.Hits, name)
		require.Empty(t, found.Conversions, name)
	}
	_, err = searches.Find(t.Context(), search.Query{Limit: 1})
	require.ErrorIs(t, err, search.ErrNothingAsked)
}

func receiptsOf(found search.Found) (ids []uuid.UUID) {
	for _, h := range found.Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

// TestACursorGoesOnThroughDays: each hit and each conversion is found once, the newest
// first.
func TestACursorGoesOnThroughDays(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Microsecond)
	var records []*attribution.Record
	for i := range 9 {
		records = append(records, marked(now.Add(-time.Duration(i)*8*time.Hour)))
	}
	searches := written(t, records...)
	query := search.Query{Filter: search.Filter{OrderID: "A-1", Since: now.AddDate(0, 0, -7)}, Limit: 2}
	var hits, conversions []uuid.UUID
	for {
		found, err := searches.Find(t.Context(), query)
		require.NoError(t, err)
		hits = append(hits, receiptsOf(found)...)
		for _, c := range found.Conversions {
			conversions = append(conversions, c.ID)
		}
		if found.Next == nil {
			break
		}
		query.Behind = *found.Next
	}
	var want []uuid.UUID
	for _, r := range records {
		want = append(want, r.Hit.ID)
	}
	require.Equal(t, want, hits)
	require.Equal(t, want, conversions)

	searches.Budget = time.Nanosecond // spent after the first slice
	query.Behind, query.Limit = search.Cursor{}, 100
	found, err := searches.Find(t.Context(), query)
	require.NoError(t, err)
	require.Less(t, len(found.Hits), len(records))
	require.NotNil(t, found.Next)
	require.Contains(t, found.NotLookedAt[0], "the search took its time")
}

func TestAReceiptAndATransactionAreFound(t *testing.T) {
	t.Parallel()
	at := noon
	transaction := token.TransactionID(idAt(at))
	click := converted(at, 1, func(r *attribution.Record) {
		r.Hit.Kind, r.Hit.TransactionID = hit.Click, transaction
		r.Decision = attribution.Decision{Outcome: "recorded", AccountID: 1, OfferID: 1, PublisherID: 3}
	})
	postback := converted(at.Add(time.Hour), 1, func(r *attribution.Record) {
		r.Hit.TransactionID = transaction
		copy(r.Decision.Conversion.DedupKey[:6], transaction[:])
	})
	searches := written(t, click, postback, converted(at, 1, nil))
	found, err := searches.Find(t.Context(), search.Query{TransactionID: transaction.UUID(), Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{postback.Hit.ID, click.Hit.ID}, receiptsOf(found))
	require.Len(t, found.Conversions, 1)
	found, err = searches.Find(t.Context(), search.Query{Receipt: click.Hit.ID, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{click.Hit.ID}, receiptsOf(found))
	require.Empty(t, found.Conversions)
	found, err = searches.Find(t.Context(), search.Query{Receipt: uuid.Must(uuid.NewV7()), Limit: 10})
	require.NoError(t, err)
	require.Empty(t, found.Hits)
}
