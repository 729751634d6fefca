package reference

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// ParseTerms reads an amount in the form of an offer: 2.50, or 80% of the revenue that
// the advertiser sends. It refuses an amount that would have to be rounded to be
// stored: the agreed amount is paid to the last digit.
func ParseTerms(text string) (attribution.Money, error) {
	written := strings.TrimSpace(text)
	number, percent := strings.CutSuffix(written, "%")
	amount, err := parseAmount(number, written, "is neither an amount such as 2.50 nor a share such as 80%")
	return attribution.Money{Amount: amount, Percent: percent}, err
}

// ParseCeiling reads the largest amount that counts, which is never a share; "none" is
// nil.
func ParseCeiling(text string) (*decimal.Decimal, error) {
	written := strings.TrimSpace(text)
	if written == "none" {
		return nil, nil
	}
	if strings.HasSuffix(written, "%") {
		return nil, fmt.Errorf("%q is a share: a ceiling is an amount such as 250, or none", written)
	}
	amount, err := parseAmount(written, written, "is neither an amount such as 250 nor none")
	if err != nil {
		return nil, err
	}
	return &amount, nil
}

// parseAmount reads a number exactly. Its error quotes written, followed by is.
func parseAmount(number, written, is string) (decimal.Decimal, error) {
	amount, err := hit.Amount(number)
	if err != nil {
		return amount, fmt.Errorf("%q %s: not negative, and below one trillion", written, is)
	}
	exact, err := decimal.NewFromString(strings.TrimSpace(number))
	if err != nil || !exact.Equal(amount) {
		return amount, fmt.Errorf("%q has more than %d decimals", written, hit.AmountPlaces)
	}
	return amount, nil
}

// WriteTerms is the inverse of ParseTerms. It writes a fixed amount with at least two
// decimals, as people expect.
func WriteTerms(money attribution.Money) string {
	if money.Percent {
		return money.Amount.String() + "%"
	}
	text := money.Amount.String() // without the zeros that numeric(18,6) adds
	if _, decimals, _ := strings.Cut(text, "."); len(decimals) < 2 {
		return money.Amount.StringFixed(2)
	}
	return text
}

// CheckWindow refuses windows that are not whole seconds, because seconds are stored.
func CheckWindow(window time.Duration) error {
	if window < time.Second || window%time.Second != 0 {
		return Refuse(ErrInvalid, "%s is not a whole number of seconds, from 1s up", window)
	}
	return nil
}
