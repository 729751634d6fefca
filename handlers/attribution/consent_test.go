package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

func TestOnlyWordsOfConsentConvert(t *testing.T) {
	event := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "event_name", Folded: "eventname", Kind: hit.EventQualifier, Value: value}
	}
	status := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "status", Folded: "status", Kind: hit.StatusQualifier, Value: value}
	}
	refund := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "refund", Folded: "refund", Kind: hit.ReversalQualifier, Value: value}
	}
	approval := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "approved", Folded: "approved", Kind: hit.ApprovalQualifier, Value: value}
	}
	qualifiers := func(all ...attribution.Qualifier) []attribution.Qualifier { return all }
	for _, row := range []struct {
		qualifiers []attribution.Qualifier
		reason     outcome.Reason
	}{
		{nil, outcome.NoReason},
		{qualifiers(status("approved")), outcome.NoReason}, {qualifiers(status("Approved ")), outcome.NoReason}, {qualifiers(status("1")), outcome.NoReason},
		{qualifiers(status("")), outcome.NoReason}, {qualifiers(status("PAID")), outcome.NoReason}, {qualifiers(event("purchase")), outcome.NoReason},
		{qualifiers(event("Lead"), status("ok"), refund("0")), outcome.NoReason}, {qualifiers(refund("")), outcome.NoReason},
		{qualifiers(refund("N"), refund("off"), refund("f"), refund("clean"), refund("$0.00")), outcome.NoReason},
		{qualifiers(attribution.Qualifier{Name: "goal_id", Folded: "goalid", Kind: hit.EventQualifier, Value: "0"}), outcome.NoReason},
		{qualifiers(status("succeeded"), status("shipped")), outcome.NoReason}, {qualifiers(event("delivered")), outcome.UnsupportedEvent},
		{qualifiers(refund("No")), outcome.NoReason}, {qualifiers(refund("null")), outcome.NoReason},
		// Texts that programs write for no value count as absent, as for ids.
		{qualifiers(status("null")), outcome.NoReason}, {qualifiers(status("undefined")), outcome.NoReason}, {qualifiers(status("N/A")), outcome.NoReason},
		{qualifiers(event("NULL")), outcome.NoReason}, {qualifiers(event("(none)")), outcome.NoReason}, {qualifiers(refund("not set")), outcome.NoReason},
		{qualifiers(status("approved,null")), outcome.NoReason}, {qualifiers(status(",approved")), outcome.NoReason}, {qualifiers(approval("null")), outcome.NoReason},

		{qualifiers(status("rejected")), outcome.UnsupportedStatus}, {qualifiers(status("pending")), outcome.UnsupportedStatus},
		{qualifiers(status("0")), outcome.UnsupportedStatus}, {qualifiers(status("approved,rejected")), outcome.UnsupportedStatus},
		{qualifiers(status("2")), outcome.UnsupportedStatus},
		{qualifiers(status("unapproved")), outcome.UnsupportedStatus}, {qualifiers(status("не одобрено")), outcome.UnsupportedStatus},
		{qualifiers(status("unknown")), outcome.UnsupportedStatus}, {qualifiers(status("false")), outcome.UnsupportedStatus},
		{qualifiers(status("-")), outcome.UnsupportedStatus}, {qualifiers(status("null,rejected")), outcome.UnsupportedStatus},
		{qualifiers(event("0")), outcome.UnsupportedEvent}, {qualifiers(approval("approved,no")), outcome.UnsupportedStatus},
		{qualifiers(approval("none")), outcome.UnsupportedStatus},
		// A placeholder is a word that nobody understands.
		{qualifiers(status("{status}")), outcome.UnsupportedStatus}, {qualifiers(status("%%STATUS%%")), outcome.UnsupportedStatus},
		{qualifiers(event("{{event.name}}")), outcome.UnsupportedEvent}, {qualifiers(event("REPLACE")), outcome.UnsupportedEvent},
		{qualifiers(refund("[REFUND]")), outcome.UnsupportedStatus}, {qualifiers(approval("{approved}")), outcome.UnsupportedStatus},
		{qualifiers(approval("%7Bis_valid%7D")), outcome.UnsupportedStatus}, {qualifiers(approval("${paid}")), outcome.UnsupportedStatus},
		{qualifiers(event("on_refund")), outcome.UnsupportedEvent}, {qualifiers(event("7")), outcome.UnsupportedEvent},
		{qualifiers(event("purchase2")), outcome.UnsupportedEvent}, {qualifiers(event("free_trial")), outcome.UnsupportedEvent},
		{qualifiers(refund("1")), outcome.UnsupportedStatus}, {qualifiers(refund("true")), outcome.UnsupportedStatus},
		{qualifiers(refund("approved")), outcome.UnsupportedStatus}, {qualifiers(refund("12.50")), outcome.UnsupportedStatus},
		{qualifiers(event("purchase"), status("declined")), outcome.UnsupportedStatus},
		{qualifiers(event("on_refund"), status("approved")), outcome.UnsupportedEvent},
		{qualifiers(event("on_refund"), status("rejected")), outcome.UnsupportedStatus},
	} {
		c := postback()
		c.Qualifiers = row.qualifiers
		decision := attribution.Decide(c)
		require.Equal(t, row.reason, decision.Reason, "%v", row.qualifiers)
		if row.reason != outcome.NoReason {
			require.Equal(t, outcome.Rejected, decision.Outcome)
			require.Nil(t, decision.Conversion)
			require.Contains(t, attribution.HintFor(row.reason, row.qualifiers), "=", "the hint names the parameter")
		}
	}
}

func TestAnOfferMayAcceptWordsAndIgnoreParameters(t *testing.T) {
	c := postback()
	c.Offer.Consent = attribution.Consent{Words: []string{"trial"}, Ignored: []string{"goalid"}}
	trial := attribution.Qualifier{Name: "event", Folded: "event", Kind: hit.EventQualifier, Value: "Trial"}
	goal := attribution.Qualifier{Name: "goal_id", Folded: "goalid", Kind: hit.EventQualifier, Value: "77"}
	c.Qualifiers = []attribution.Qualifier{trial, goal}
	require.Equal(t, outcome.Converted, attribution.Decide(c).Outcome)

	c.Qualifiers = append(c.Qualifiers, attribution.Qualifier{Name: "refund", Folded: "refund", Kind: hit.ReversalQualifier, Value: "trial"})
	require.Equal(t, outcome.UnsupportedStatus, attribution.Decide(c).Reason, "an accepted word does not cancel a reversal")
}

func TestQualifiersAreCheckedAfterTheTokenAndBeforeAPausedOffer(t *testing.T) {
	c := postback()
	c.Qualifiers = []attribution.Qualifier{{Name: "status", Folded: "status", Kind: hit.StatusQualifier, Value: "rejected"}}
	c.Offer.Status = attribution.Paused
	require.Equal(t, outcome.UnsupportedStatus, attribution.Decide(c).Reason)
	c.Token = nil
	require.Equal(t, outcome.UnknownToken, attribution.Decide(c).Reason)
}
