package operate

import (
	"strings"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"
)

// Amount writes money for people, with the decimal places of its currency, or with more
// when the amount has more. It uses two places for a code that is not in ISO 4217, for
// a currency without a minor unit, such as gold, and for several codes.
func Amount(d decimal.Decimal, code string) string {
	places := int32(2)
	if digits, known := currency.GetDigits(strings.TrimSpace(code)); known {
		places = int32(digits)
	}
	if d.Equal(d.Round(places)) {
		return d.StringFixed(places)
	}
	return d.String()
}
