package hit

import (
	"strings"

	"integr8/pipeline/token"
)

// SameValue reports whether two texts, sent as a parameter of that name, are two
// spellings of one value: an id in upper case or with dashes, a number with zeros
// before it, an amount with zeros behind it, a generated token in upper case.
// Both are without white space around them.
func SameValue(name, first, second string) bool {
	switch name {
	case ParamSecure:
		return strings.EqualFold(first, second) && token.IsGenerated(first)
	case ParamTransactionID:
		return strings.EqualFold(strings.ReplaceAll(first, "-", ""), strings.ReplaceAll(second, "-", ""))
	case ParamOffer, ParamPublisher:
		return equalAs(Number, first, second)
	case ParamCurrency:
		return equalAs(Currency, first, second)
	case ParamRevenue, ParamPayout:
		one, err := Amount(first)
		if err != nil {
			return false
		}
		other, err := Amount(second)
		return err == nil && one.Equal(other)
	}
	return false
}

func equalAs[T comparable](parse func(string) (T, error), first, second string) bool {
	one, err := parse(first)
	if err != nil {
		return false
	}
	other, err := parse(second)
	return err == nil && one == other
}
