package hit

import (
	"strings"
)

// SameValue reports whether two texts, sent as a parameter of that name, are two
// spellings of one value: an id in upper case or with dashes, a number with zeros
// before it, an amount with zeros behind it, a generated token in upper case.
// Both are without white space around them.
func SameValue(name, first, second string) bool {
	switch name {
	case ParamSecure:
		return strings.EqualFold(first, second) && isGenerated(first)
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

// isGenerated reports whether a text has the form of a generated token, in any
// letter case.
func isGenerated(token string) bool {
	digits, found := strings.CutPrefix(strings.ToLower(token), generatedPrefix)
	return found && len(digits) == generatedDigits && isHex(digits)
}

// NumberWithin finds the number of an offer or a publisher in a text that a page,
// a mail or a link shortener has glued something to: quotes or brackets around
// it, and whatever follows a mark that stands in no number. It returns what
// follows the number, and false where the text is nothing but digits or begins
// with no number.
func NumberWithin(text string) (number, tail string, ok bool) {
	if isDigits(text) {
		return "", "", false
	}
	start := 0
	for start < len(text) && opensNumber.has(text[start]) {
		start++
	}
	end := start
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	if end == start || end < len(text) && !endsNumber.has(text[end]) {
		return "", "", false
	}
	return text[start:end], text[end:], true
}
