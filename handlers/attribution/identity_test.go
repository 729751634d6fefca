package attribution_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// edited is an offer with one conversion a click, which changed to several at noon and
// back to one an hour later.
func edited() attribution.Offer {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	return attribution.Offer{
		ID: 7, AccountID: 1, Status: attribution.Active, Currency: "USD", Window: attribution.DefaultWindow,
		Later: []attribution.LaterIdentity{
			{Since: noon, Identity: attribution.Identity{ManyPerClick: true}},
			{Since: noon.Add(time.Hour)},
		},
		KnownUntil: noon.Add(2 * time.Hour),
	}
}

func TestAnOfferHasTheRulesThatWereInForceThen(t *testing.T) {
	offer := edited()
	since := offer.Later[0].Since
	for _, row := range []struct {
		at   time.Time
		many bool
	}{
		{time.Time{}, false},
		{since.Add(-time.Microsecond), false},
		{since, true},
		{since.Add(time.Hour - time.Microsecond), true},
		{since.Add(time.Hour), false},
		{since.Add(1000 * time.Hour), false},
	} {
		require.Equal(t, row.many, offer.IdentityAt(row.at).ManyPerClick, row.at)
	}
	require.False(t, offer.NewestIdentity().ManyPerClick)
	require.True(t, offer.KnowsIdentityAt(since.Add(2*time.Hour-time.Microsecond)))
	require.False(t, offer.KnowsIdentityAt(since.Add(2*time.Hour)))
	require.False(t, new(attribution.Offer).KnowsIdentityAt(time.Now()), "no rule of an offer of unknown age is certain")
}

// TestAClickKeepsItsRules: the time of the click decides, not that of its postback.
func TestAClickKeepsItsRules(t *testing.T) {
	offer := edited()
	since := offer.Later[0].Since
	decide := func(clicked time.Time, order string) attribution.Decision {
		id := uuid.UUID{15: byte(clicked.Hour())}
		return attribution.Decide(attribution.Case{
			HitID: uuid.New(), Kind: hit.Postback, ReceivedAt: since.Add(48 * time.Hour), OrderID: order,
			Token: &attribution.Token{AccountID: 1}, Offer: &offer, Publisher: &attribution.Publisher{ID: 2, AccountID: 1},
			Click: &attribution.Click{TransactionID: id, AccountID: 1, OfferID: 7, PublisherID: 2, ClickedAt: clicked, RulesAt: clicked},
		})
	}
	key := func(clicked time.Time, order string) uuid.UUID {
		decision := decide(clicked, order)
		require.Equal(t, outcome.Converted, decision.Outcome, decision.Reason)
		return decision.Conversion.DedupKey
	}
	before, during, after := since.Add(-time.Hour), since, since.Add(time.Hour)
	require.Equal(t, key(before, "A-1"), key(before, "A-2"))
	require.Equal(t, key(before, "A-1"), key(before, ""))
	require.NotEqual(t, key(during, "A-1"), key(during, "A-2"))
	require.Equal(t, outcome.MissingOrderID, decide(during, "").Reason)
	require.Equal(t, key(after, "A-1"), key(after, ""))
}

func TestWithoutAClickTheTimeOfTheHitCounts(t *testing.T) {
	at := time.Now()
	c := attribution.Case{Kind: hit.Clickless, ReceivedAt: at}
	require.Equal(t, at, c.IdentityTime())
}
