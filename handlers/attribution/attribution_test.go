package attribution_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

var (
	clickTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clickID   = uuid.MustParse("019cabcd-0000-4444-8888-123456789abc")
	hitID     = uuid.MustParse("019cabce-0000-7444-8888-123456789abc")
)

func amount(text string) *decimal.Decimal {
	d := decimal.RequireFromString(text)
	return &d
}

// postback is a case that converts; each test spoils or changes one thing.
func postback() attribution.Case {
	return attribution.Case{
		HitID:      hitID,
		Kind:       hit.Postback,
		ReceivedAt: clickTime.Add(time.Hour),
		Token:      &attribution.Token{ID: 5, AccountID: 1},
		Click: &attribution.Click{TransactionID: clickID, AccountID: 1, OfferID: 10, PublisherID: 20,
			ClickedAt: clickTime},
		Offer: &attribution.Offer{ID: 10, AccountID: 1, Status: attribution.Active, Currency: "USD",
			Payout:  attribution.Money{Amount: decimal.RequireFromString("2.5")},
			Revenue: attribution.Money{Amount: decimal.RequireFromString("4")},
			Window:  attribution.DefaultWindow},
		Publisher: &attribution.Publisher{ID: 20, AccountID: 1, Status: attribution.Active},
	}
}

func clickless() attribution.Case {
	c := postback()
	c.Kind, c.Click = hit.Clickless, nil
	c.NamedOffer, c.NamedPublisher = 10, 20
	return c
}

func TestDecideGivesEachHitItsReason(t *testing.T) {
	for _, row := range []struct {
		name    string
		from    func() attribution.Case
		spoil   func(*attribution.Case)
		outcome outcome.Outcome
		reason  outcome.Reason
	}{
		{"a matched postback", postback, func(*attribution.Case) {}, outcome.Converted, outcome.NoReason},
		{"what the door refused", postback, func(c *attribution.Case) { c.Refusal = outcome.MissingTransactionID },
			outcome.Rejected, outcome.MissingTransactionID},
		{"an unknown token", postback, func(c *attribution.Case) { c.Token = nil },
			outcome.Rejected, outcome.UnknownToken},
		{"a token past its date", postback, func(c *attribution.Case) { c.Token.ValidUntil = clickTime },
			outcome.Rejected, outcome.ExpiredToken},
		{"a token before its date", postback, func(c *attribution.Case) { c.Token.ValidUntil = c.ReceivedAt },
			outcome.Converted, outcome.NoReason},
		{"a pixel of another account's domain", postback, func(c *attribution.Case) {
			c.Kind, c.DomainAccount = hit.Pixel, 2
		}, outcome.Rejected, outcome.WrongDomain},
		{"a pixel of the account's domain", postback, func(c *attribution.Case) {
			c.Kind, c.DomainAccount = hit.Pixel, 1
		}, outcome.Converted, outcome.NoReason},
		{"a click that is not there yet", postback, func(c *attribution.Case) { c.Click = nil },
			outcome.Waiting, outcome.ClickNotYet},
		{"a click of a day that was dropped", postback, func(c *attribution.Case) { c.Click, c.ClickDropped = nil, true },
			outcome.Rejected, outcome.ClickExpired},
		{"a click written late into a dropped day", postback, func(c *attribution.Case) { c.ClickDropped = true },
			outcome.Converted, outcome.NoReason},
		{"a click that never came", postback, func(c *attribution.Case) { c.Click, c.WaitIsOver = nil, true },
			outcome.Unmatched, outcome.ClickNeverCame},
		{"another account's click", postback, func(c *attribution.Case) { c.Click.AccountID = 2 },
			outcome.Rejected, outcome.WrongAccount},
		{"an offer-level token for its offer", postback, func(c *attribution.Case) { c.Token.OfferID = 10 },
			outcome.Converted, outcome.NoReason},
		{"an offer-level token for another offer", postback, func(c *attribution.Case) { c.Token.OfferID = 11 },
			outcome.Rejected, outcome.WrongOffer},
		{"an offer that is gone", postback, func(c *attribution.Case) { c.Offer = nil },
			outcome.Rejected, outcome.UnknownOffer},
		{"a publisher that is gone", postback, func(c *attribution.Case) { c.Publisher = nil },
			outcome.Rejected, outcome.UnknownPublisher},
		{"a paused offer", postback, func(c *attribution.Case) { c.Offer.Status = attribution.Paused },
			outcome.Rejected, outcome.OfferPaused},
		{"a paused publisher", postback, func(c *attribution.Case) { c.Publisher.Status = attribution.Paused },
			outcome.Rejected, outcome.PublisherPaused},
		{"the last instant of the window", postback, func(c *attribution.Case) {
			c.ReceivedAt = clickTime.Add(attribution.DefaultWindow)
		}, outcome.Converted, outcome.NoReason},
		{"past the window", postback, func(c *attribution.Case) {
			c.ReceivedAt = clickTime.Add(attribution.DefaultWindow + 1)
		}, outcome.Rejected, outcome.OutsideWindow},
		{"a click from a clock that is ahead", postback, func(c *attribution.Case) {
			c.ReceivedAt = clickTime.Add(-time.Hour)
		}, outcome.Converted, outcome.NoReason},
		{"a mark on a visitor's click", postback, func(c *attribution.Case) { c.TestAccount = 1 }, outcome.Rejected, outcome.TestOfRealClick},
		{"a mark on the click of a test", postback, func(c *attribution.Case) { c.TestAccount, c.Click.Test = 1, true }, outcome.Converted, outcome.NoReason},
		{"the click of a test without a mark", postback, func(c *attribution.Case) { c.Click.Test = true }, outcome.Converted, outcome.NoReason},
		{"a mark of another account", postback, func(c *attribution.Case) { c.TestAccount = 2 }, outcome.Converted, outcome.NoReason},
		{"a mark on another account's click", postback, func(c *attribution.Case) { c.TestAccount, c.Click.AccountID = 1, 2 }, outcome.Rejected, outcome.WrongAccount},
		{"several a click without order_id", postback, func(c *attribution.Case) { c.Offer.Identity.ManyPerClick = true },
			outcome.Rejected, outcome.MissingOrderID},
		{"several a click with order_id", postback, func(c *attribution.Case) {
			c.Offer.Identity.ManyPerClick, c.OrderID = true, "A1"
		}, outcome.Converted, outcome.NoReason},
		{"a percentage of nothing", postback, func(c *attribution.Case) { c.Offer.Payout.Percent = true },
			outcome.Rejected, outcome.MissingRevenue},
		{"a percentage in another currency", postback, func(c *attribution.Case) {
			c.Offer.Payout.Percent, c.Revenue, c.Currency = true, amount("10"), "EUR"
		}, outcome.Rejected, outcome.CurrencyMismatch},
		{"fixed terms with another currency sent", postback, func(c *attribution.Case) {
			c.Revenue, c.Currency = amount("10"), "EUR"
		}, outcome.Converted, outcome.NoReason},
		{"a percentage beyond what can be stored", postback, func(c *attribution.Case) {
			c.Offer.Revenue = attribution.Money{Amount: decimal.NewFromInt(200), Percent: true}
			c.Revenue = amount("900000000000")
		}, outcome.Rejected, outcome.AmountTooLarge},
		{"a clickless hit", clickless, func(*attribution.Case) {}, outcome.Converted, outcome.NoReason},
		{"a clickless hit that names no offer", clickless, func(c *attribution.Case) { c.NamedOffer = 0 },
			outcome.Rejected, outcome.MissingOffer},
		{"a clickless hit whose token names the offer", clickless, func(c *attribution.Case) {
			c.NamedOffer, c.Token.OfferID = 0, 10
		}, outcome.Converted, outcome.NoReason},
		{"a clickless hit whose token names another offer", clickless, func(c *attribution.Case) {
			c.NamedOffer, c.Token.OfferID = 11, 10
		}, outcome.Rejected, outcome.WrongOffer},
		{"a clickless hit for another account's offer", clickless, func(c *attribution.Case) {
			c.Offer.AccountID = 2
		}, outcome.Rejected, outcome.UnknownOffer},
		{"a clickless hit for another account's publisher", clickless, func(c *attribution.Case) {
			c.Publisher.AccountID = 2
		}, outcome.Rejected, outcome.UnknownPublisher},
		{"a clickless hit without publisher", clickless, func(c *attribution.Case) { c.NamedPublisher = 0 },
			outcome.Rejected, outcome.MissingPublisher},
		{"a clickless payout in another currency", clickless, func(c *attribution.Case) {
			c.Token.Purpose, c.Payout, c.Currency = hit.Clickless, amount("1"), "EUR"
		}, outcome.Rejected, outcome.CurrencyMismatch},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := row.from()
			row.spoil(&c)
			got := attribution.Decide(c)
			if offer, publisher := c.LookUp(); offer == 0 {
				require.Zero(t, publisher)
				c.Offer, c.Publisher = nil, nil
				require.Equal(t, got, attribution.Decide(c), "the decision does not depend on parties that are not looked up")
			}
			require.Equal(t, row.outcome, got.Outcome)
			require.Equal(t, row.reason, got.Reason)
			require.True(t, got.Reason == c.Refusal || got.Reason.RaisedBy(outcome.Rules), "the rules raise their own reasons only")
			require.Equal(t, row.outcome == outcome.Converted, got.Conversion != nil)
		})
	}
}

func TestDecideRevealsNothingOfAnotherAccountsClick(t *testing.T) {
	c := postback()
	c.Click.AccountID = 2
	got := attribution.Decide(c)
	require.EqualValues(t, 1, got.AccountID)
	require.Zero(t, got.OfferID)
	require.Zero(t, got.PublisherID)
}

func TestDecidePricesConversions(t *testing.T) {
	percent := func(text string) attribution.Money {
		return attribution.Money{Amount: *amount(text), Percent: true}
	}
	fixed := func(text string) attribution.Money { return attribution.Money{Amount: *amount(text)} }
	for _, row := range []struct {
		name            string
		from            func() attribution.Case
		change          func(*attribution.Case)
		revenue, payout string
	}{
		{"fixed terms", postback, func(*attribution.Case) {}, "4", "2.5"},
		{"a sent payout and revenue pay nothing by themselves", postback, func(c *attribution.Case) {
			c.Payout, c.Revenue = amount("1000"), amount("9999")
		}, "4", "2.5"},
		{"percentages of the sent revenue", postback, func(c *attribution.Case) {
			c.Offer.Revenue, c.Offer.Payout, c.Revenue = percent("10"), percent("7.5"), amount("199.99")
		}, "19.999", "14.99925"},
		{"rounding half away from zero at six places", postback, func(c *attribution.Case) {
			c.Offer.Payout, c.Revenue = percent("50"), amount("0.000001")
		}, "4", "0.000001"},
		{"a publisher's own payout", postback, func(c *attribution.Case) {
			own := fixed("3")
			c.Offer.Overrides = attribution.OverridesOf(map[int64]attribution.Override{20: {Payout: &own}, 21: {Revenue: &own}})
		}, "4", "3"},
		{"a publisher's own revenue share", postback, func(c *attribution.Case) {
			own := percent("50")
			c.Revenue = amount("30")
			c.Offer.Overrides = attribution.OverridesOf(map[int64]attribution.Override{20: {Revenue: &own}})
		}, "15", "2.5"},
		{"a clickless hit at the offer's terms", clickless, func(*attribution.Case) {}, "4", "2.5"},
		{"a clickless hit that carries its own", clickless, func(c *attribution.Case) {
			c.Token.Purpose, c.Revenue, c.Payout = hit.Clickless, amount("12.34"), amount("0")
		}, "12.34", "0"},
		{"a clickless hit with a percentage payout", clickless, func(c *attribution.Case) {
			c.Token.Purpose, c.Revenue, c.Offer.Payout = hit.Clickless, amount("20"), percent("25")
		}, "20", "5"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := row.from()
			row.change(&c)
			got := attribution.Decide(c)
			require.Equal(t, outcome.Converted, got.Outcome, got.Reason)
			require.Equal(t, row.revenue, got.Conversion.Revenue.String())
			require.Equal(t, row.payout, got.Conversion.Payout.String())
			require.Equal(t, "USD", got.Conversion.Currency)
		})
	}
}

func TestDedupKeyIsTheSameForTheSameConversion(t *testing.T) {
	key := func(from func() attribution.Case, change func(*attribution.Case)) uuid.UUID {
		c := from()
		change(&c)
		got := attribution.Decide(c)
		require.NotNil(t, got.Conversion, got.Reason)
		return got.Conversion.DedupKey
	}
	plain := key(postback, func(*attribution.Case) {})
	many := func(order string) func(*attribution.Case) {
		return func(c *attribution.Case) { c.Offer.Identity.ManyPerClick, c.OrderID = true, order }
	}
	withIDs := func(external, order string) func(*attribution.Case) {
		return func(c *attribution.Case) { c.ExternalTransactionID, c.OrderID = external, order }
	}
	otherHit := func(c *attribution.Case) { c.HitID = uuid.MustParse("019cabce-0000-7444-8888-000000000001") }

	t.Run("one click converts once, with any order, hit and method", func(t *testing.T) {
		require.Equal(t, plain, key(postback, withIDs("", "A1")))
		require.Equal(t, plain, key(postback, otherHit))
		require.Equal(t, plain, key(postback, func(c *attribution.Case) {
			c.Kind, c.DomainAccount = hit.Pixel, 1
		}))
	})
	t.Run("another click converts by itself", func(t *testing.T) {
		require.NotEqual(t, plain, key(postback, func(c *attribution.Case) { c.Click.TransactionID[15]++ }))
	})
	t.Run("several a click: one for each order", func(t *testing.T) {
		require.Equal(t, key(postback, many("A1")), key(postback, many("A1")))
		require.NotEqual(t, key(postback, many("A1")), key(postback, many("A2")))
	})
	t.Run("clickless: ids, offer and publisher make the key", func(t *testing.T) {
		require.Equal(t, key(clickless, withIDs("x", "")), key(clickless, withIDs("x", "")))
		require.NotEqual(t, key(clickless, withIDs("x", "")), key(clickless, withIDs("", "x")))
		require.NotEqual(t, key(clickless, withIDs("xy", "z")), key(clickless, withIDs("x", "yz")))
		require.NotEqual(t, key(clickless, withIDs("x", "")), key(clickless, func(c *attribution.Case) {
			c.ExternalTransactionID, c.Offer.ID, c.NamedOffer = "x", 11, 11
		}))
	})
	t.Run("clickless without ids: each hit counts, its repeats do not", func(t *testing.T) {
		alone := key(clickless, func(*attribution.Case) {})
		require.Equal(t, alone, key(clickless, func(*attribution.Case) {}))
		require.NotEqual(t, alone, key(clickless, otherHit))
	})
	t.Run("keys begin with the click's time, through which the conversions of a click are found", func(t *testing.T) {
		several := key(postback, many("A1"))
		require.Equal(t, clickID[:6], plain[:6])
		require.Equal(t, clickID[:6], several[:6])
	})
}

func TestRepeatSaysWhichURLFormCameFirst(t *testing.T) {
	decision := attribution.Decide(postback())
	require.Equal(t, outcome.DuplicateSameURL, decision.Repeat(attribution.Global).Reason)
	require.Equal(t, outcome.DuplicateOtherURL, decision.Repeat(attribution.OfferURL).Reason)
	require.Equal(t, outcome.Duplicate, decision.Repeat(attribution.Global).Outcome)
	require.Nil(t, decision.Repeat(attribution.Global).Conversion)
}

func TestDecideClick(t *testing.T) {
	known := &attribution.Publisher{ID: 20, AccountID: 1}
	require.Equal(t, outcome.Recorded, attribution.DecideClick(1, 10, outcome.NoReason, known, 20).Outcome)
	require.Equal(t, outcome.UnknownPublisher, attribution.DecideClick(1, 10, outcome.NoReason, nil, 20).Reason)
	require.Equal(t, outcome.OfferPaused,
		attribution.DecideClick(1, 10, outcome.OfferPaused, known, 20).Reason)
}
