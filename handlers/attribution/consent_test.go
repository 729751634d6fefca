package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

func TestOnlyWordsOfConsentConvert(t *testing.T) {
	event := func(value string) attribution.Claim {
		return attribution.Claim{Name: "event_name", Folded: "eventname", Kind: attribution.EventClaim, Value: value}
	}
	status := func(value string) attribution.Claim {
		return attribution.Claim{Name: "status", Folded: "status", Kind: attribution.StatusClaim, Value: value}
	}
	refund := func(value string) attribution.Claim {
		return attribution.Claim{Name: "refund", Folded: "refund", Kind: attribution.ReversalClaim, Value: value}
	}
	claims := func(all ...attribution.Claim) []attribution.Claim { return all }
	for _, row := range []struct {
		claims []attribution.Claim
		reason attribution.Reason
	}{
		{nil, attribution.None},
		{claims(status("approved")), attribution.None}, {claims(status("Approved ")), attribution.None}, {claims(status("1")), attribution.None},
		{claims(status("")), attribution.None}, {claims(status("PAID")), attribution.None}, {claims(event("purchase")), attribution.None},
		{claims(event("Lead"), status("ok"), refund("0")), attribution.None}, {claims(refund("")), attribution.None},
		{claims(refund("No")), attribution.None}, {claims(refund("null")), attribution.None},

		{claims(status("rejected")), attribution.UnsupportedStatus}, {claims(status("pending")), attribution.UnsupportedStatus},
		{claims(status("0")), attribution.UnsupportedStatus}, {claims(status("approved,rejected")), attribution.UnsupportedStatus},
		{claims(status("{status}")), attribution.UnsupportedStatus}, {claims(status("2")), attribution.UnsupportedStatus},
		{claims(status("unapproved")), attribution.UnsupportedStatus}, {claims(status("не одобрено")), attribution.UnsupportedStatus},
		{claims(event("on_refund")), attribution.UnsupportedEvent}, {claims(event("7")), attribution.UnsupportedEvent},
		{claims(event("purchase2")), attribution.UnsupportedEvent}, {claims(event("free_trial")), attribution.UnsupportedEvent},
		{claims(refund("1")), attribution.UnsupportedStatus}, {claims(refund("true")), attribution.UnsupportedStatus},
		{claims(refund("approved")), attribution.UnsupportedStatus}, {claims(refund("12.50")), attribution.UnsupportedStatus},
		{claims(event("purchase"), status("declined")), attribution.UnsupportedStatus},
		{claims(event("on_refund"), status("approved")), attribution.UnsupportedEvent},
		{claims(event("on_refund"), status("rejected")), attribution.UnsupportedStatus},
	} {
		c := postback()
		c.Claims = row.claims
		decision := attribution.Decide(c)
		require.Equal(t, row.reason, decision.Reason, "%v", row.claims)
		if row.reason != attribution.None {
			require.Equal(t, attribution.Rejected, decision.Outcome)
			require.Nil(t, decision.Conversion)
			require.Contains(t, row.reason.HintFor(row.claims), "=", "the hint names the parameter")
		}
	}
}

func TestAnOfferMayAcceptWordsAndIgnoreParameters(t *testing.T) {
	c := postback()
	c.Offer.Consent = attribution.Consent{Words: []string{"trial"}, Ignored: []string{"goalid"}}
	trial := attribution.Claim{Name: "event", Folded: "event", Kind: attribution.EventClaim, Value: "Trial"}
	goal := attribution.Claim{Name: "goal_id", Folded: "goalid", Kind: attribution.EventClaim, Value: "77"}
	c.Claims = []attribution.Claim{trial, goal}
	require.Equal(t, attribution.Converted, attribution.Decide(c).Outcome)

	c.Claims = append(c.Claims, attribution.Claim{Name: "refund", Folded: "refund", Kind: attribution.ReversalClaim, Value: "trial"})
	require.Equal(t, attribution.UnsupportedStatus, attribution.Decide(c).Reason, "a word of consent takes no reversal back")
}

func TestWhatWasSaidIsToldBeforeAPausedOfferAndAfterARightThatLacks(t *testing.T) {
	c := postback()
	c.Claims = []attribution.Claim{{Name: "status", Folded: "status", Kind: attribution.StatusClaim, Value: "rejected"}}
	c.Offer.Status = attribution.Paused
	require.Equal(t, attribution.UnsupportedStatus, attribution.Decide(c).Reason)
	c.Token = nil
	require.Equal(t, attribution.UnknownToken, attribution.Decide(c).Reason)
}
