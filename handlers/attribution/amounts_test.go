package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

// TestATokenServesItsPurposeOnly: a token that was made for one way in converts
// nothing by another, and one without a purpose serves all.
func TestATokenServesItsPurposeOnly(t *testing.T) {
	ways := []attribution.Method{attribution.ByPostback, attribution.ByPixel, attribution.ByClickless}
	for _, purpose := range append([]attribution.Method{""}, ways...) {
		for _, way := range ways {
			c := postback()
			if way == attribution.ByClickless {
				c = clickless()
			}
			c.Method, c.Token.Purpose = way, purpose
			if way == attribution.ByPixel {
				c.DomainAccount = c.Token.AccountID
			}
			got := attribution.Decide(c)
			if purpose == "" || purpose == way {
				require.Equal(t, attribution.Converted, got.Outcome, "%q by %s: %s", purpose, way, got.Reason)
				continue
			}
			require.Equal(t, attribution.WrongPurpose, got.Reason, "%q by %s", purpose, way)
			require.Equal(t, attribution.Rejected, got.Outcome)
			offer, publisher := c.LookUp()
			require.Zero(t, offer+publisher, "nobody is looked up for it")
		}
	}
}

// TestNobodySetsTheMoneyWithAPublicToken: whose amounts count, and what pays where
// they do not.
func TestNobodySetsTheMoneyWithAPublicToken(t *testing.T) {
	pixel := func() attribution.Case {
		c := postback()
		c.Method, c.DomainAccount = attribution.ByPixel, 1
		return c
	}
	share := attribution.Money{Amount: *amount("10"), Percent: true}
	for _, row := range []struct {
		name            string
		from            func() attribution.Case
		purpose         attribution.Method
		change          func(*attribution.Case)
		reason          attribution.Reason
		revenue, payout string
		note            string
	}{
		{"clickless with a token for every way in", clickless, "", func(*attribution.Case) {},
			attribution.None, "4", "2.5", attribution.AmountsNeedToken},
		{"clickless with its token", clickless, attribution.ByClickless, func(*attribution.Case) {},
			attribution.None, "900000", "800000", ""},
		{"clickless where the offer allows it", clickless, "", func(c *attribution.Case) { c.Offer.OwnAmounts = true },
			attribution.None, "900000", "800000", ""},
		{"revenue at the ceiling", clickless, attribution.ByClickless, func(c *attribution.Case) { c.Offer.Ceiling = amount("900000") },
			attribution.None, "900000", "800000", ""},
		{"revenue above the ceiling", clickless, attribution.ByClickless, func(c *attribution.Case) { c.Offer.Ceiling = amount("899999.999999") },
			attribution.None, "4", "2.5", attribution.AmountsPassCeiling},
		{"payout above the ceiling", clickless, "", func(c *attribution.Case) {
			c.Offer.OwnAmounts, c.Offer.Ceiling, c.Revenue = true, amount("5"), amount("1")
		}, attribution.None, "4", "2.5", attribution.AmountsPassCeiling},
		{"a ceiling of nothing", clickless, attribution.ByClickless, func(c *attribution.Case) { c.Offer.Ceiling = amount("0") },
			attribution.None, "4", "2.5", attribution.AmountsPassCeiling},
		{"a share, clickless, with a token for every way in", clickless, "", func(c *attribution.Case) { c.Offer.Payout = share },
			attribution.RevenueNotCounted, "", "", attribution.AmountsNeedToken},
		{"a share without revenue, clickless, with a token for every way in", clickless, "", func(c *attribution.Case) {
			c.Offer.Revenue, c.Revenue, c.Payout = share, nil, nil
		}, attribution.RevenueNotCounted, "", "", ""},
		{"a share above the ceiling", clickless, attribution.ByClickless, func(c *attribution.Case) {
			c.Offer.Payout, c.Offer.Ceiling, c.Payout = share, amount("5"), nil
		}, attribution.RevenueNotCounted, "", "", attribution.AmountsPassCeiling},
		{"a share with its token", clickless, attribution.ByClickless, func(c *attribution.Case) { c.Offer.Payout, c.Payout = share, nil },
			attribution.None, "900000", "90000", ""},
		{"a currency of amounts that do not count", clickless, "", func(c *attribution.Case) { c.Currency = "EUR" },
			attribution.None, "4", "2.5", attribution.AmountsNeedToken},
		{"fixed terms through a pixel with its token", pixel, attribution.ByPixel, func(*attribution.Case) {},
			attribution.None, "4", "2.5", attribution.PixelAmounts},
		{"a share of the payout through a pixel with its token", pixel, attribution.ByPixel, func(c *attribution.Case) { c.Offer.Payout = share },
			attribution.RevenueNotCounted, "", "", attribution.PixelAmounts},
		{"a share of the revenue through a pixel with its token", pixel, attribution.ByPixel, func(c *attribution.Case) { c.Offer.Revenue = share },
			attribution.RevenueNotCounted, "", "", attribution.PixelAmounts},
		{"a publisher's share through a pixel with its token", pixel, attribution.ByPixel, func(c *attribution.Case) {
			c.Offer.Overrides = map[int64]attribution.Override{20: {Payout: &share}}
		}, attribution.RevenueNotCounted, "", "", attribution.PixelAmounts},
		{"a pixel where the offer takes own amounts", pixel, attribution.ByPixel, func(c *attribution.Case) { c.Offer.OwnAmounts = true },
			attribution.None, "4", "2.5", attribution.PixelAmounts},
		{"a share through a pixel as before", pixel, "", func(c *attribution.Case) { c.Offer.Payout = share },
			attribution.None, "4", "90000", ""},
		{"a share of a postback", postback, attribution.ByPostback, func(c *attribution.Case) { c.Offer.Payout = share },
			attribution.None, "4", "90000", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := row.from()
			c.Token.Purpose, c.Revenue, c.Payout = row.purpose, amount("900000"), amount("800000")
			row.change(&c)
			got := attribution.Decide(c)
			require.Equal(t, row.reason, got.Reason)
			require.Equal(t, row.note, got.Note)
			require.Equal(t, row.note != "", attribution.IsNote(got.Note))
			if row.reason != attribution.None {
				require.Nil(t, got.Conversion)
				return
			}
			require.Equal(t, row.revenue, got.Conversion.Revenue.String())
			require.Equal(t, row.payout, got.Conversion.Payout.String())
		})
	}
}
