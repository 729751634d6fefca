package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

func TestOnlyWordsOfConsentConvert(t *testing.T) {
	event := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "event_name", Folded: "eventname", Kind: attribution.EventQualifier, Value: value}
	}
	status := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "status", Folded: "status", Kind: attribution.StatusQualifier, Value: value}
	}
	refund := func(value string) attribution.Qualifier {
		return attribution.Qualifier{Name: "refund", Folded: "refund", Kind: attribution.ReversalQualifier, Value: value}
	}
	qualifiers := func(all ...attribution.Qualifier) []attribution.Qualifier { return all }
	for _, row := range []struct {
		qualifiers []attribution.Qualifier
		reason     attribution.Reason
	}{
		{nil, attribution.None},
		{qualifiers(status("approved")), attribution.None}, {qualifiers(status("Approved ")), attribution.None}, {qualifiers(status("1")), attribution.None},
		{qualifiers(status("")), attribution.None}, {qualifiers(status("PAID")), attribution.None}, {qualifiers(event("purchase")), attribution.None},
		{qualifiers(event("Lead"), status("ok"), refund("0")), attribution.None}, {qualifiers(refund("")), attribution.None},
		{qualifiers(refund("No")), attribution.None}, {qualifiers(refund("null")), attribution.None},

		{qualifiers(status("rejected")), attribution.UnsupportedStatus}, {qualifiers(status("pending")), attribution.UnsupportedStatus},
		{qualifiers(status("0")), attribution.UnsupportedStatus}, {qualifiers(status("approved,rejected")), attribution.UnsupportedStatus},
		{qualifiers(status("{status}")), attribution.UnsupportedStatus}, {qualifiers(status("2")), attribution.UnsupportedStatus},
		{qualifiers(status("unapproved")), attribution.UnsupportedStatus}, {qualifiers(status("не одобрено")), attribution.UnsupportedStatus},
		{qualifiers(event("on_refund")), attribution.UnsupportedEvent}, {qualifiers(event("7")), attribution.UnsupportedEvent},
		{qualifiers(event("purchase2")), attribution.UnsupportedEvent}, {qualifiers(event("free_trial")), attribution.UnsupportedEvent},
		{qualifiers(refund("1")), attribution.UnsupportedStatus}, {qualifiers(refund("true")), attribution.UnsupportedStatus},
		{qualifiers(refund("approved")), attribution.UnsupportedStatus}, {qualifiers(refund("12.50")), attribution.UnsupportedStatus},
		{qualifiers(event("purchase"), status("declined")), attribution.UnsupportedStatus},
		{qualifiers(event("on_refund"), status("approved")), attribution.UnsupportedEvent},
		{qualifiers(event("on_refund"), status("rejected")), attribution.UnsupportedStatus},
	} {
		c := postback()
		c.Qualifiers = row.qualifiers
		decision := attribution.Decide(c)
		require.Equal(t, row.reason, decision.Reason, "%v", row.qualifiers)
		if row.reason != attribution.None {
			require.Equal(t, attribution.Rejected, decision.Outcome)
			require.Nil(t, decision.Conversion)
			require.Contains(t, row.reason.HintFor(row.qualifiers), "=", "the hint names the parameter")
		}
	}
}

func TestAnOfferMayAcceptWordsAndIgnoreParameters(t *testing.T) {
	c := postback()
	c.Offer.Consent = attribution.Consent{Words: []string{"trial"}, Ignored: []string{"goalid"}}
	trial := attribution.Qualifier{Name: "event", Folded: "event", Kind: attribution.EventQualifier, Value: "Trial"}
	goal := attribution.Qualifier{Name: "goal_id", Folded: "goalid", Kind: attribution.EventQualifier, Value: "77"}
	c.Qualifiers = []attribution.Qualifier{trial, goal}
	require.Equal(t, attribution.Converted, attribution.Decide(c).Outcome)

	c.Qualifiers = append(c.Qualifiers, attribution.Qualifier{Name: "refund", Folded: "refund", Kind: attribution.ReversalQualifier, Value: "trial"})
	require.Equal(t, attribution.UnsupportedStatus, attribution.Decide(c).Reason, "a word of consent takes no reversal back")
}

func TestWhatWasSaidIsToldBeforeAPausedOfferAndAfterARightThatLacks(t *testing.T) {
	c := postback()
	c.Qualifiers = []attribution.Qualifier{{Name: "status", Folded: "status", Kind: attribution.StatusQualifier, Value: "rejected"}}
	c.Offer.Status = attribution.Paused
	require.Equal(t, attribution.UnsupportedStatus, attribution.Decide(c).Reason)
	c.Token = nil
	require.Equal(t, attribution.UnknownToken, attribution.Decide(c).Reason)
}
