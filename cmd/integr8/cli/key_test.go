package cli

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
)

// TestTwoBuyersWithAnUnfilledMacroAreNoDuplicates sends what a shop sends whose
// macro was never filled in, for one buyer after the other.
func TestTwoBuyersWithAnUnfilledMacroAreNoDuplicates(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	many := s.NewOffer(func(o *attribution.Offer) { o.Identity.ManyPerClick = true })
	clickless := func(params ...string) answer {
		return s.get("/clickless", append([]string{"secure", s.OfferToken, "publisher", number(s.Publisher)}, params...)...)
	}
	for _, macro := range []string{"REPLACE", "{order_id}", "{{order.name}}", "INSERT_ORDER_ID", "%%ID%%", "[ORDER]", "<order>", "$ORDER",
		"YOUR_ID", "#ORDER_ID#"} {
		for range 2 {
			got := clickless("external_transaction_id", macro)
			require.Equal(t, http.StatusBadRequest, got.status, macro)
			require.Contains(t, got.body, "external_transaction_id is a placeholder")
			require.Equal(t, outcome.PlaceholderExternalID, s.becomes(got.receipt, outcome.Rejected).Reason)
			got = clickless("external_transaction_id", "E1", "order_id", macro)
			require.Contains(t, got.body, "order_id is a placeholder", macro)
		}
		got := s.get("/", "secure", s.Global, "transaction_id", s.clickOn(many), "order_id", macro)
		require.Equal(t, http.StatusBadRequest, got.status, macro)
		require.Equal(t, outcome.PlaceholderOrderID, s.becomes(got.receipt, outcome.Rejected).Reason)
	}
	// Nobody encodes what was never filled in, though half of it may look encoded.
	for _, macro := range []string{"%%ID%%", "%ORDER_ID%", "%%DEAL_ID%%", "%%CD%%", "%ADID%", "%%FACE%%%%B00C%%"} {
		for name, target := range map[string]string{
			"order_id":                "/clickless?secure=" + s.OfferToken + "&publisher=" + number(s.Publisher) + "&order_id=",
			"external_transaction_id": "/clickless?secure=" + s.OfferToken + "&publisher=" + number(s.Publisher) + "&external_transaction_id=",
			"transaction_id":          "/?secure=" + s.Global + "&transaction_id=",
		} {
			got := s.do(http.MethodGet, "", target+macro, "", "")
			require.Equal(t, http.StatusBadRequest, got.status, macro)
			require.Contains(t, got.body, name+" is a placeholder that was never filled in", macro)
			require.Equal(t, outcome.Reason("placeholder_"+name), s.becomes(got.receipt, outcome.Rejected).Reason)
		}
	}
	require.Zero(t, s.count("conversions"))

	for _, nothing := range []string{"null", "undefined", "none", "N/A", "-", "0", "", "NaN", "(not set)", "00000000-0000-0000-0000-000000000000"} {
		for range 2 { // two buyers, neither of whom has an id
			got := clickless("external_transaction_id", nothing)
			require.Contains(t, got.header.Get("X-Note"), "every postback counts")
			if nothing != "" {
				require.Contains(t, got.header.Get("X-Note"), "external_transaction_id: sent with a word for nothing", nothing)
			}
			s.becomes(got.receipt, outcome.Converted)
		}
		got := s.get("/", "secure", s.Global, "transaction_id", s.clickOn(many), "order_id", nothing)
		require.Equal(t, outcome.MissingOrderID, s.becomes(got.receipt, outcome.Rejected).Reason, nothing)
	}

	for _, id := range []string{"#1001", "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}", "ADDQWE", "test", "A-1"} {
		s.becomes(clickless("external_transaction_id", id).receipt, outcome.Converted)
		s.becomes(clickless("external_transaction_id", "\uFEFF"+id+"\u200B ").receipt, outcome.Duplicate)
	}
}
