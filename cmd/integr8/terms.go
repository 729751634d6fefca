package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// errNothingToChange is bad usage: an edit that names no new value.
var errNothingToChange = errors.New("nothing to change: say what is to be new")

// given returns a flag's value, or nil where the flag was left out.
func given[T comparable](value T) *T {
	var left T
	if value == left {
		return nil
	}
	return &value
}

// terms is an amount as it is written in an offer: 2.50, or 80% of the
// revenue that the advertiser sends.
type terms struct{ attribution.Money }

// UnmarshalText reads terms. An amount that would have to be rounded to be
// stored is refused: what is agreed is paid to the last digit.
func (m *terms) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	number, percent := strings.CutSuffix(written, "%")
	amount, err := hit.Amount(number)
	if err != nil {
		return fmt.Errorf("%q is neither an amount such as 2.50 nor a share such as 80%%: not negative, and below one trillion", written)
	}
	exact, err := decimal.NewFromString(strings.TrimSpace(number))
	if err != nil || !exact.Equal(amount) {
		return fmt.Errorf("%q has more than %d decimals", written, hit.AmountPlaces)
	}
	m.Money = attribution.Money{Amount: amount, Percent: percent}
	return nil
}

// money gives the terms to the store; nil stays nil.
func (m *terms) money() *attribution.Money {
	if m == nil {
		return nil
	}
	return &m.Money
}

// ceiling is a largest amount, or none.
type ceiling struct{ limit *decimal.Decimal }

// UnmarshalText reads a ceiling.
func (c *ceiling) UnmarshalText(text []byte) error {
	if strings.TrimSpace(string(text)) == "none" {
		c.limit = nil
		return nil
	}
	var limit terms
	if err := limit.UnmarshalText(text); err != nil {
		return err
	}
	if limit.Percent {
		return fmt.Errorf("%q is a share: a ceiling is an amount such as 250, or none", text)
	}
	c.limit = &limit.Amount
	return nil
}

// amount is nil for a ceiling that was not named, or is none.
func (c *ceiling) amount() *decimal.Decimal {
	if c == nil {
		return nil
	}
	return c.limit
}

// writeTerms is the inverse of reading them. A fixed amount has at least the
// two decimals that people expect of money.
func writeTerms(money attribution.Money) string {
	if money.Percent {
		return money.Amount.String() + "%"
	}
	text := money.Amount.String() // without the zeros that numeric(18,6) adds
	if _, decimals, _ := strings.Cut(text, "."); len(decimals) < 2 {
		return money.Amount.StringFixed(2)
	}
	return text
}

// writeOverride is writeTerms for terms that a publisher may not have.
func writeOverride(money *attribution.Money) *string {
	if money == nil {
		return nil
	}
	return new(writeTerms(*money))
}

// currencyCode is an ISO 4217 code.
type currencyCode string

// UnmarshalText reads a code in either case.
func (c *currencyCode) UnmarshalText(text []byte) error {
	code, err := hit.Currency(string(text))
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	*c = currencyCode(code)
	return nil
}
