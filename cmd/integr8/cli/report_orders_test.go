package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/report"
	"integr8/pipeline/outcome"
)

// TestOrdersThatWerePaidMoreThanOnceAreListed, with what the repeats cost: by a
// click and clickless, by two clicks, for two publishers. An order that was refused
// as a duplicate, one of another offer and a sale without an order id are none.
func TestOrdersThatWerePaidMoreThanOnceAreListed(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	second := s.NewOffer(func(*attribution.Offer) {})
	other := s.NewPublisher()
	postback := func(offer int64, order string) {
		t.Helper()
		id := s.clickOn(offer)
		s.becomes(s.get("/", "secure", s.Global, "transaction_id", id, "order_id", order).receipt, outcome.Converted)
		s.becomes(s.get("/", "secure", s.Global, "transaction_id", id, "order_id", order).receipt, outcome.Duplicate)
	}
	clickless := func(publisher int64, params ...string) {
		t.Helper()
		params = append(params, "secure", s.OfferToken, "publisher", number(publisher))
		s.becomes(s.get("/clickless", params...).receipt, outcome.Converted)
	}
	postback(s.Offer, "both ways")
	clickless(s.Publisher, "order_id", "both ways")
	postback(s.Offer, "two clicks")
	postback(s.Offer, "two clicks")
	postback(s.Offer, "two clicks")
	clickless(s.Publisher, "order_id", "two publishers")
	clickless(other, "order_id", "two publishers")
	clickless(s.Publisher, "order_id", "two ids", "external_transaction_id", "1")
	clickless(s.Publisher, "order_id", "two ids", "external_transaction_id", "2")
	postback(s.Offer, "once")
	postback(second, "once")
	clickless(s.Publisher)
	clickless(s.Publisher)

	var answer struct {
		Total  int
		Orders []report.Order
	}
	s.answers(&answer, "report", "--orders")
	require.Equal(t, 4, answer.Total)
	got := map[string]string{}
	for _, o := range answer.Orders {
		got[o.OrderID] = o.Ways + " " + o.PayoutRepeated.String() + " " + o.RevenueRepeated.String() + " " + o.Currencies
	}
	require.Equal(t, map[string]string{
		"both ways": "clickless, postback 2.5 4 USD", "two clicks": "postback 5 8 USD",
		"two publishers": "clickless 2.5 4 USD", "two ids": "clickless 2.5 4 USD",
	}, got)
	require.Equal(t, "two clicks", answer.Orders[0].OrderID, "those that cost most come first")

	_, findings := s.doctor()
	require.Len(t, findings["orders"], 1)
	require.EqualValues(t, 4, findings["orders"][0].Count)
	require.Contains(t, findings["orders"][0].Examples[0].What, `paid order "two clicks" 3 times within a week (postback): payout 5.00 and revenue 8.00 USD more than once`)
	s.answers(&answer, "report", "--orders", "--offer", number(second))
	require.Zero(t, answer.Total)
}
