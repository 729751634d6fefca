package main

import "github.com/shopspring/decimal"

// amount writes money for people: with two decimal places, or as many as
// there are.
func amount(d decimal.Decimal) string {
	if d.Equal(d.Round(2)) {
		return d.StringFixed(2)
	}
	return d.String()
}
