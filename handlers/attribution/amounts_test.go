package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// TestATokenServesItsPurposeOnly: a token that was made for one way in converts
// nothing by another, and one without a purpose serves all.
func TestATokenServesItsPurposeOnly(t *testing.T) {
	ways := []hit.Kind{hit.Postback, hit.Pixel, hit.Clickless}
	for _, purpose := range append([]hit.Kind{""}, ways...) {
		for _, way := range ways {
			c := postback()
			if way == hit.Clickless {
				c = clickless()
			}
			c.Kind, c.Token.Purpose = way, purpose
			if way == hit.Pixel {
				c.DomainAccount = c.Token.AccountID
			}
			got := attribution.Decide(c)
			if purpose == "" || purpose == way {
				require.Equal(t, outcome.Converted, got.Outcome, "%q by %s: %s", purpose, way, got.Reason)
				continue
			}
			require.Equal(t, outcome.WrongPurpose, got.Reason, "%q by %s", purpose, way)
			require.Equal(t, outcome.Rejected, got.Outcome)
			offer, publisher := c.LookUp()
			require.Zero(t, offer+publisher, "neither its offer nor its publisher is looked up")
		}
	}
}

// TestNobodySetsTheMoneyWithAPublicToken checks whose amounts count, and what is paid
// when they do not.
func TestNobodySetsTheMoneyWithAPublicToken(t *testing.T) {
	pixel := func() attribution.Case {
		c := postback()
		c.Kind, c.DomainAccount = hit.Pixel, 1
		return c
	}
	share := attribution.Money{Amount: *amount("10"), Percent: true}
	for _, row := range []struct {
		name            string
		from            func() attribution.Case
		purpose         hit.Kind
		change          func(*attribution.Case)
		reason          outcome.Reason
		revenue, payout string
		note            string
	}{
		{"clickless with a token for every way in", clickless, "", func(*attribution.Case) {},
			outcome.NoReason, "4", "2.5", attribution.AmountsNeedToken},
		{"clickless with its token", clickless, hit.Clickless, func(*attribution.Case) {},
			outcome.NoReason, "900000", "800000", ""},
		{"clickless where the offer allows it", clickless, "", func(c *attribution.Case) { c.Offer.OwnAmounts = true },
			outcome.NoReason, "900000", "800000", ""},
		{"more decimals than the currency has", clickless, hit.Clickless, func(c *attribution.Case) {
			c.Offer.Currency, c.Currency, c.Revenue, c.Payout = "JPY", "", amount("120.5"), amount("0.333333")
		}, outcome.NoReason, "120.5", "0.333333", ""},
		{"revenue at the ceiling", clickless, hit.Clickless, func(c *attribution.Case) { c.Offer.Ceiling = amount("900000") },
			outcome.NoReason, "900000", "800000", ""},
		{"revenue above the ceiling", clickless, hit.Clickless, func(c *attribution.Case) { c.Offer.Ceiling = amount("899999.999999") },
			outcome.NoReason, "4", "2.5", attribution.AmountsPassCeiling + "899999.999999"},
		{"payout above the ceiling", clickless, "", func(c *attribution.Case) {
			c.Offer.OwnAmounts, c.Offer.Ceiling, c.Revenue = true, amount("5"), amount("1")
		}, outcome.NoReason, "4", "2.5", attribution.AmountsPassCeiling + "5"},
		{"a ceiling of nothing", clickless, hit.Clickless, func(c *attribution.Case) { c.Offer.Ceiling = amount("0") },
			outcome.NoReason, "4", "2.5", attribution.AmountsPassCeiling + "0"},
		{"a share, clickless, with a token for every way in", clickless, "", func(c *attribution.Case) { c.Offer.Payout = share },
			outcome.RevenueNotCounted, "", "", attribution.AmountsNeedToken},
		{"a share without revenue, clickless, with a token for every way in", clickless, "", func(c *attribution.Case) {
			c.Offer.Revenue, c.Revenue, c.Payout = share, nil, nil
		}, outcome.RevenueNotCounted, "", "", ""},
		{"a share above the ceiling", clickless, hit.Clickless, func(c *attribution.Case) {
			c.Offer.Payout, c.Offer.Ceiling, c.Payout = share, amount("5"), nil
		}, outcome.RevenueNotCounted, "", "", attribution.AmountsPassCeiling + "5"},
		{"a share with its token", clickless, hit.Clickless, func(c *attribution.Case) { c.Offer.Payout, c.Payout = share, nil },
			outcome.NoReason, "900000", "90000", ""},
		{"a currency of amounts that do not count", clickless, "", func(c *attribution.Case) { c.Currency = "EUR" },
			outcome.NoReason, "4", "2.5", attribution.AmountsNeedToken},
		{"fixed terms through a pixel with its token", pixel, hit.Pixel, func(*attribution.Case) {},
			outcome.NoReason, "4", "2.5", attribution.PixelAmounts},
		{"a share of the payout through a pixel with its token", pixel, hit.Pixel, func(c *attribution.Case) { c.Offer.Payout = share },
			outcome.RevenueNotCounted, "", "", attribution.PixelAmounts},
		{"a share of the revenue through a pixel with its token", pixel, hit.Pixel, func(c *attribution.Case) { c.Offer.Revenue = share },
			outcome.RevenueNotCounted, "", "", attribution.PixelAmounts},
		{"a publisher's share through a pixel with its token", pixel, hit.Pixel, func(c *attribution.Case) {
			c.Offer.Overrides = attribution.OverridesOf(map[int64]attribution.Override{20: {Payout: &share}})
		}, outcome.RevenueNotCounted, "", "", attribution.PixelAmounts},
		{"a pixel where the offer takes own amounts", pixel, hit.Pixel, func(c *attribution.Case) { c.Offer.OwnAmounts = true },
			outcome.NoReason, "4", "2.5", attribution.PixelAmounts},
		{"a share through a pixel as before", pixel, "", func(c *attribution.Case) { c.Offer.Payout = share },
			outcome.NoReason, "4", "90000", ""},
		{"a share of a postback", postback, hit.Postback, func(c *attribution.Case) { c.Offer.Payout = share },
			outcome.NoReason, "4", "90000", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := row.from()
			c.Token.Purpose, c.Revenue, c.Payout = row.purpose, amount("900000"), amount("800000")
			row.change(&c)
			got := attribution.Decide(c)
			require.Equal(t, row.reason, got.Reason)
			require.Equal(t, row.note, got.Note)
			require.Equal(t, row.note != "", attribution.IsNote(got.Note))
			if row.reason != outcome.NoReason {
				require.Nil(t, got.Conversion)
				return
			}
			require.Equal(t, row.revenue, got.Conversion.Revenue.String())
			require.Equal(t, row.payout, got.Conversion.Payout.String())
		})
	}
}

// TestANoteOfAnEarlierVersionIsANote: a replay replaces it like a note of this version.
func TestANoteOfAnEarlierVersionIsANote(t *testing.T) {
	require.True(t, attribution.IsNote("revenue and payout do not count: one of them is above the offer's ceiling"))
	require.False(t, attribution.IsNote("revenue was cut"))
}
