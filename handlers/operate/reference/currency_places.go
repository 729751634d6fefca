package reference

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
)

// amountIn is an amount of an offer with its description for people.
type amountIn struct {
	field  string // of a form
	what   string
	amount decimal.Decimal
	share  bool // whether a share may stand there instead
}

// checkPlaces refuses amounts with more decimals than the currency has: nobody can pay
// them, so they are a mistake. Currencies without a known number of decimals, such as
// gold, accept any number. The amounts of hits are not checked: see attribution.Case.
func checkPlaces(code string, amounts []amountIn) error {
	places, known := currency.GetDigits(code)
	if !known {
		return nil
	}
	var faults []error
	for _, in := range amounts {
		if in.amount.Equal(in.amount.Truncate(int32(places))) {
			continue
		}
		instead := fmt.Sprintf("name an amount such as %s", in.amount.Round(int32(places)).StringFixed(int32(places)))
		if in.share {
			instead += ", or a share such as 80%"
		}
		faults = append(faults, At(in.field, failure.WithHint(
			Refuse(ErrInvalid, "%s %s %s has more decimals than the currency: %s has %s", in.what, in.amount, code, code, decimalsInWords(int(places))), instead)))
	}
	return errors.Join(faults...)
}

func decimalsInWords(places int) string {
	if places == 0 {
		return "none"
	}
	return fmt.Sprint(places)
}

// fixedAmounts returns the offer's own amounts that are not shares, and its ceiling.
func fixedAmounts(payout, revenue *attribution.Money, ceiling *decimal.Decimal) []amountIn {
	amounts := overrideAmounts("", attribution.Override{Payout: payout, Revenue: revenue})
	if ceiling != nil {
		amounts = append(amounts, amountIn{field: "ceiling", what: "the ceiling", amount: *ceiling})
	}
	return amounts
}

// overrideAmounts returns the amounts of terms that are not shares. whose precedes each
// description.
func overrideAmounts(whose string, terms attribution.Override) []amountIn {
	var amounts []amountIn
	for _, one := range []struct {
		field string
		money *attribution.Money
	}{{"payout", terms.Payout}, {"revenue", terms.Revenue}} {
		if one.money == nil || one.money.Percent {
			continue
		}
		in := amountIn{one.field, whose + "the " + one.field, one.money.Amount, true}
		if whose != "" {
			in.field = "currency" // the form has no field for another's amounts
		}
		amounts = append(amounts, in)
	}
	return amounts
}

// checkEditedPlaces is checkPlaces for an edit. It checks the amounts that the edit
// changes, and, when it changes the currency, also those that stay.
func checkEditedPlaces(offer attribution.Offer, change OfferChange) error {
	if change.Currency == nil || *change.Currency == offer.Currency {
		var ceiling *decimal.Decimal
		if change.Ceiling != nil {
			ceiling = *change.Ceiling
		}
		return checkPlaces(offer.Currency, fixedAmounts(change.Payout, change.Revenue, ceiling))
	}
	payout, revenue, ceiling := &offer.Payout, &offer.Revenue, offer.Ceiling
	if change.Payout != nil {
		payout = change.Payout
	}
	if change.Revenue != nil {
		revenue = change.Revenue
	}
	if change.Ceiling != nil {
		ceiling = *change.Ceiling
	}
	amounts := fixedAmounts(payout, revenue, ceiling)
	for publisher, own := range offer.Overrides.All() {
		amounts = append(amounts, overrideAmounts(fmt.Sprintf("publisher %d's own: ", publisher), own)...)
	}
	return checkPlaces(*change.Currency, amounts)
}

// warnOfCurrency warns that a new currency does not convert the amounts.
func warnOfCurrency(offer attribution.Offer, change OfferChange) Warnings {
	if change.Currency == nil || *change.Currency == offer.Currency {
		return nil
	}
	payout, revenue, ceiling := &offer.Payout, &offer.Revenue, offer.Ceiling
	if change.Payout != nil {
		payout = nil
	}
	if change.Revenue != nil {
		revenue = nil
	}
	if change.Ceiling != nil {
		ceiling = nil
	}
	var kept []string
	for _, in := range fixedAmounts(payout, revenue, ceiling) {
		kept = append(kept, fmt.Sprintf("%s is now %s %s", in.what, WriteTerms(attribution.Money{Amount: in.amount}), *change.Currency))
	}
	if len(kept) == 0 {
		return nil
	}
	return warn("amounts are not converted from %s: %s", offer.Currency, strings.Join(kept, ", "))
}
