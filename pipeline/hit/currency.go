package hit

import (
	"errors"
	"strings"

	"golang.org/x/text/currency"
)

// ErrUnknownCurrency is the error of Currency.
var ErrUnknownCurrency = errors.New("a currency is an ISO 4217 code such as USD")

// Currency reads an ISO 4217 code in any letter case and returns it in upper case.
// The codes for "no currency" and "testing" are refused.
func Currency(text string) (string, error) {
	unit, err := currency.ParseISO(strings.TrimSpace(text))
	if err != nil {
		return "", ErrUnknownCurrency
	}
	code := unit.String()
	if code == "XXX" || code == "XTS" {
		return "", ErrUnknownCurrency
	}
	return code, nil
}
