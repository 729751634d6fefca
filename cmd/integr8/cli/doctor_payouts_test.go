package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/doctor"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// TestDoctorFindsConversionsThatPaidMoreThanTheyBrought: whatever made the amounts,
// but for the offer's own fixed terms, which are a finding themselves.
func TestDoctorFindsConversionsThatPaidMoreThanTheyBrought(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	own := s.NewTokenFor(hit.Clickless, 0)
	share := s.NewOffer(func(offer *attribution.Offer) {
		offer.Revenue = attribution.Money{Amount: decimal.NewFromInt(100), Percent: true}
	})
	dear := s.NewOffer(func(offer *attribution.Offer) { offer.Payout.Amount = decimal.NewFromInt(5) })
	s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", s.clickOn(dear)).receipt, outcome.Converted)
	s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", s.click()).receipt, outcome.Converted)
	_, findings := s.doctor()
	for _, found := range findings["payouts"] {
		require.NotContains(t, found.What, "within a week", "fixed terms are the offer's")
	}

	clickless := func(amounts ...string) string {
		return s.becomes(s.get("/clickless", append([]string{"secure", own, "offer", number(s.Offer), "publisher", number(s.Publisher)}, amounts...)...).receipt,
			outcome.Converted).ConversionID.String()
	}
	clickless("payout", "4")                     // as much as it brings
	clickless("payout", "0.01", "revenue", "10") // a gain
	worst := clickless("payout", "100")
	clickless("payout", "3", "revenue", "2.50")
	_, findings = s.doctor()
	lost := about(t, findings, "payouts", "2 conversions paid more than they brought within a week")
	require.Equal(t, doctor.Warning, lost.Level)
	require.EqualValues(t, 2, lost.Count)
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: s.Offer, Publisher: s.Publisher}, lost.Party)
	require.Equal(t, fmt.Sprintf("2 conversions of publisher %d for offer %d of account %d, by clickless, paid 103.00 and brought 6.50 USD; `integr8 trace %s`",
		s.Publisher, s.Offer, s.ID, worst), lost.Examples[0].What)

	s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", s.clickOn(share), "revenue", "1").receipt, outcome.Converted)
	_, findings = s.doctor()
	lost = about(t, findings, "payouts", "3 conversions paid more")
	require.Contains(t, lost.Examples[1].What, "1 conversion of publisher")
	require.Contains(t, lost.Examples[1].What, "by postback, paid 2.50 and brought 1.00 USD")

	s.harm("UPDATE conversions SET id = (lpad(to_hex((extract(epoch FROM now() - interval '8 days') * 1000)::bigint), 12, '0') || substr(id::text, 14))::uuid")
	_, findings = s.doctor()
	for _, found := range findings["payouts"] {
		require.NotContains(t, found.What, "within a week")
	}
}

// TestDoctorFindsOffersWithoutACeilingForWhatHitsName: with a token made for
// clickless the amounts of a hit count, and with another where the offer says so.
func TestDoctorFindsOffersWithoutACeilingForWhatHitsName(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	bounded := decimal.NewFromInt(50)
	tokens := func() int64 {
		t.Helper()
		all, err := s.store.Tokens(t.Context(), s.ID)
		require.NoError(t, err)
		return all[len(all)-1].ID
	}
	_, findings := s.doctor()
	require.Empty(t, findings["payouts"], "no token sets amounts")

	s.NewTokenFor(hit.Clickless, s.Offer)
	_, findings = s.doctor()
	require.Len(t, findings["payouts"], 1)
	found := findings["payouts"][0]
	require.Equal(t, doctor.Warning, found.Level)
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: s.Offer, Token: tokens()}, found.Party)
	require.Contains(t, found.What, fmt.Sprintf("has no ceiling, so that a clickless hit with token %d sets a payout of any amount", tokens()))
	require.Contains(t, found.Hint, "--ceiling")

	s.command("offer", "edit", number(s.Offer), "--ceiling", "50")
	_, findings = s.doctor()
	require.Empty(t, findings["payouts"], "the hint mends it")

	own := s.NewOffer(func(offer *attribution.Offer) { offer.OwnAmounts = true })
	s.NewOffer(func(offer *attribution.Offer) { offer.OwnAmounts, offer.Ceiling = true, &bounded })
	s.NewOffer(func(offer *attribution.Offer) { offer.OwnAmounts, offer.Status = true, attribution.Paused })
	s.NewOffer(func(*attribution.Offer) {})
	_, findings = s.doctor()
	require.Len(t, findings["payouts"], 1)
	require.Equal(t, own, findings["payouts"][0].Offer, "the global token serves every way in")

	s.harm("UPDATE tokens SET valid_until = now() - interval '1 minute'")
	s.NewTokenFor(hit.Pixel, 0)
	_, findings = s.doctor()
	require.Empty(t, findings["payouts"], "a token that has ended or is for pixels sets no amounts")
	s.NewTokenFor(hit.Clickless, 0)
	_, findings = s.doctor()
	require.EqualValues(t, 2, findings["payouts"][0].Count, "a global one covers all offers")
}

// TestDoctorPutsMoneyFirst: among warnings what was paid twice comes before what
// was merely refused.
func TestDoctorPutsMoneyFirst(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.decided(s.get("/postback", "secure", s.Global, "transaction_id", "REPLACE").receipt)
	for range 2 {
		s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", s.click(), "order_id", "A-1").receipt, outcome.Converted)
	}
	s.command("offer", "edit", number(s.Offer), "--publisher", number(s.Publisher), "--payout", "100")
	s.NewOffer(func(offer *attribution.Offer) { offer.Destination = "https://shop.example/" })
	_, stdout, _ := s.command("doctor")
	var checks []string
	for line := range strings.Lines(stdout) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == string(doctor.Warning) {
			checks = append(checks, fields[1])
		}
	}
	require.Equal(t, []string{"orders", "payouts"}, checks[:2], stdout)
	require.Greater(t, len(checks), 2, stdout)
}
