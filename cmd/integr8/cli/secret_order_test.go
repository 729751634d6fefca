package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
)

// TestTwoSecretsSentAsOrdersAreTwoOrders: what stands in the record for a secret
// tells it from another one, so that neither order is a duplicate of the other; and
// the same order is one, however its secret is spelled.
func TestTwoSecretsSentAsOrdersAreTwoOrders(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	offer := s.NewUniqueOrdersOffer(func(*attribution.Offer) {})
	one, two := s.NewToken(offer), s.NewToken(offer)
	final := func(r row) bool { return r.Outcome.Final() }
	for _, orders := range [][2]string{
		{one, "i8t%5F" + one[4:]}, {two, two}, {"A-1 " + one, "A-1 " + one}, {"A-1 " + two, "A-1 " + two},
		{"joe@example.com", "Joe@Example.com"}, {"jim@example.com", "jim%40example.com"},
		{"https://shop.example/?token=q7-x", "https://shop.example/?token=q7-x"}, {"https://shop.example/?token=q7-y", "https://shop.example/?token=q7-y"},
		{"1001@shop", "1001@shop"},
	} {
		first := s.get("/clickless", "secure", s.Global, "offer", number(offer), "publisher", number(s.Publisher), "order_id", orders[0])
		require.Equal(t, outcome.Converted, s.until(first.receipt, final).Outcome, orders[0])
		again := s.get("/", "secure", s.Global, "transaction_id", s.clickOn(offer), "order_id", orders[1])
		r := s.until(again.receipt, final)
		require.Equal(t, outcome.Duplicate, r.Outcome, orders[1])
	}
}
