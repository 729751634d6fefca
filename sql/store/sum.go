package store

import (
	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
)

// sum adds up amounts of money, exactly. The addition of decimals allocates, and each
// conversion adds two amounts, so what fits is added as integers.
type sum struct {
	// units counts 10^-hit.AmountPlaces.
	units int64
	// rest is the sum of the amounts that are no such whole number, or are large.
	rest decimal.Decimal
}

// mostUnits bounds an amount that is added as an integer: more than a million of them
// fit into an int64.
const mostUnits = 1e12

func (s *sum) add(amount decimal.Decimal) {
	if units, fits := unitsOf(amount); fits {
		s.units += units
		return
	}
	s.rest = s.rest.Add(amount)
}

func (s *sum) String() string {
	return s.rest.Add(decimal.New(s.units, -hit.AmountPlaces)).String()
}

// unitsOf returns an amount in units; false when it is no whole number of them, or has
// more than mostUnits.
func unitsOf(amount decimal.Decimal) (units int64, fits bool) {
	const mostDigits = 12
	shift := int(amount.Exponent()) + hit.AmountPlaces
	if shift < 0 || shift > mostDigits || amount.NumDigits() > mostDigits {
		return 0, false
	}
	units = amount.CoefficientInt64()
	for range shift {
		units *= 10
		if units > mostUnits || units < -mostUnits {
			return 0, false
		}
	}
	return units, true
}
