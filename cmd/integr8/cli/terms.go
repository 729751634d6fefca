package cli

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
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

// UnmarshalText reads terms.
func (m *terms) UnmarshalText(text []byte) (err error) {
	m.Money, err = reference.ParseTerms(string(text))
	return err
}

// money is nil for terms that were not named.
func (m *terms) money() *attribution.Money {
	if m == nil {
		return nil
	}
	return &m.Money
}

// ceiling is a largest amount, or none.
type ceiling struct{ limit *decimal.Decimal }

// UnmarshalText reads a ceiling.
func (c *ceiling) UnmarshalText(text []byte) (err error) {
	c.limit, err = reference.ParseCeiling(string(text))
	return err
}

// amount is nil for a ceiling that was not named, or is none.
func (c *ceiling) amount() *decimal.Decimal {
	if c == nil {
		return nil
	}
	return c.limit
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

// baseWords are words by comma that mean an approved base conversion.
type baseWords []string

// UnmarshalText reads the list; empty text is none.
func (w *baseWords) UnmarshalText(text []byte) (err error) {
	*w, err = reference.ParseBaseWords(string(text))
	return err
}

// list is nil for words that were not named.
func (w *baseWords) list() *[]string { return (*[]string)(w) }

// ignoredParams are names by comma of parameters that would else be read as an
// event, a status or a reversal.
type ignoredParams []string

// UnmarshalText reads the list; empty text is none.
func (p *ignoredParams) UnmarshalText(text []byte) (err error) {
	*p, err = reference.ParseIgnoredParams(string(text))
	return err
}

// list is nil for names that were not named.
func (p *ignoredParams) list() *[]string { return (*[]string)(p) }
