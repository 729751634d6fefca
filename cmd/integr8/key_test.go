package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

// TestTwoBuyersWithAnUnfilledMacroAreNoDuplicates sends what a shop sends whose
// macro was never filled in, for one buyer after the other.
func TestTwoBuyersWithAnUnfilledMacroAreNoDuplicates(t *testing.T) {
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
			require.Equal(t, attribution.PlaceholderExternalID, s.becomes(got.receipt, attribution.Rejected).Reason)
			got = clickless("external_transaction_id", "E1", "order_id", macro)
			require.Contains(t, got.body, "order_id is a placeholder", macro)
		}
		got := s.get("/", "secure", s.Global, "transaction_id", s.clickOn(many), "order_id", macro)
		require.Equal(t, http.StatusBadRequest, got.status, macro)
		require.Equal(t, attribution.PlaceholderOrderID, s.becomes(got.receipt, attribution.Rejected).Reason)
	}
	require.Zero(t, s.count("conversions"))

	for _, nothing := range []string{"null", "undefined", "none", "N/A", "-", "0", "", "NaN", "(not set)", "00000000-0000-0000-0000-000000000000"} {
		for range 2 { // two buyers, neither of whom has an id
			got := clickless("external_transaction_id", nothing)
			require.Contains(t, got.header.Get("X-Note"), "every postback counts")
			if nothing != "" {
				require.Contains(t, got.header.Get("X-Note"), "external_transaction_id: sent with a word for nothing", nothing)
			}
			s.becomes(got.receipt, attribution.Converted)
		}
		got := s.get("/", "secure", s.Global, "transaction_id", s.clickOn(many), "order_id", nothing)
		require.Equal(t, attribution.MissingOrderID, s.becomes(got.receipt, attribution.Rejected).Reason, nothing)
	}

	for _, id := range []string{"#1001", "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}", "ADDQWE", "test", "A-1"} {
		s.becomes(clickless("external_transaction_id", id).receipt, attribution.Converted)
		s.becomes(clickless("external_transaction_id", "\uFEFF"+id+"\u200B ").receipt, attribution.Duplicate)
	}
}
