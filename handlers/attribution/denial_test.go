package attribution

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// TestAnOfferAcceptsNoDenialButItsOwnWord: a base word accepts only itself.
func TestAnOfferAcceptsNoDenialButItsOwnWord(t *testing.T) {
	offer := Consent{Words: []string{"returned", "-5"}}
	for value, accepted := range map[string]bool{
		"returned": true, "Returned": true, "returned,fraud": false, "returned," + hit.FurtherDenials: false, hit.FurtherDenials: false, "fraud": false,
	} {
		require.Equal(t, accepted, offer.acceptsAll(map[string]string{"xx": value}), value)
	}
	for _, name := range []string{"amount", "revenue", "payout", "order_total"} {
		require.False(t, offer.acceptsAll(map[string]string{name: "-5"}), name)
		require.False(t, offer.acceptsAll(map[string]string{name: "10 EUR, -5"}), name)
	}
	for _, name := range []string{"status", "event", "approved", "refund", "remark_type_value"} {
		require.False(t, offer.acceptsAll(map[string]string{name: hit.FurtherDenials}), name)
	}
}

func (o Consent) acceptsAll(params map[string]string) bool {
	for _, qualifier := range QualifiersOf(&hit.Hit{Kind: hit.Postback, Params: params}) {
		if !o.consents(qualifier) {
			return false
		}
	}
	return true
}
