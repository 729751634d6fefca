package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// amountIn is an amount of an offer and what it is, for people.
type amountIn struct {
	what   string
	amount decimal.Decimal
}

// checkPlaces refuses amounts with more decimals than the currency has: nobody
// can pay them. Currencies without a known number of decimals, such as gold,
// take any.
func checkPlaces(code string, amounts []amountIn) error {
	places, known := currency.GetDigits(code)
	if !known {
		return nil
	}
	for _, in := range amounts {
		if in.amount.Equal(in.amount.Truncate(int32(places))) {
			continue
		}
		return withHint(fmt.Errorf("%s %s %s has more decimals than the currency: %s has %s", in.what, in.amount, code, code, decimalsInWords(int(places))),
			fmt.Sprintf("pay whole ones, such as %s, or a share such as 80%%", in.amount.Round(int32(places)).StringFixed(int32(places))))
	}
	return nil
}

func decimalsInWords(places int) string {
	if places == 0 {
		return "none"
	}
	return fmt.Sprint(places)
}

// fixedAmounts are the amounts of an offer that are no shares: its own and those
// of single publishers.
func fixedAmounts(payout, revenue *attribution.Money, ceiling *decimal.Decimal) []amountIn {
	var amounts []amountIn
	add := func(what string, money *attribution.Money) {
		if money != nil && !money.Percent {
			amounts = append(amounts, amountIn{what, money.Amount})
		}
	}
	add("the payout", payout)
	add("the revenue", revenue)
	if ceiling != nil {
		amounts = append(amounts, amountIn{"the ceiling", *ceiling})
	}
	return amounts
}

// checkEditedPlaces is checkPlaces for an edit: for the amounts that it changes,
// and where it changes the currency, for all that stay.
func (c *offerEditCommand) checkEditedPlaces(ctx context.Context, db *store.Store, account int64) error {
	offer, err := db.Offer(ctx, account, c.ID)
	if err != nil {
		return err
	}
	if c.Currency == "" || string(c.Currency) == offer.Currency {
		return checkPlaces(offer.Currency, fixedAmounts(c.Payout.money(), c.Revenue.money(), c.Ceiling.amount()))
	}
	payout, revenue, ceiling := &offer.Payout, &offer.Revenue, offer.Ceiling
	if c.Payout != nil {
		payout = &c.Payout.Money
	}
	if c.Revenue != nil {
		revenue = &c.Revenue.Money
	}
	if c.Ceiling != nil {
		ceiling = c.Ceiling.amount()
	}
	amounts := fixedAmounts(payout, revenue, ceiling)
	for publisher, own := range offer.Overrides {
		for _, in := range fixedAmounts(own.Payout, own.Revenue, nil) {
			amounts = append(amounts, amountIn{fmt.Sprintf("publisher %d's own: %s", publisher, in.what), in.amount})
		}
	}
	slices.SortStableFunc(amounts, func(a, b amountIn) int { return len(a.what) - len(b.what) })
	return checkPlaces(string(c.Currency), amounts)
}
