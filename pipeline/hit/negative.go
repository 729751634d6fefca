package hit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isOwnAmount reports whether a parameter is an amount of the contract.
func isOwnAmount(name string) bool { return name == ParamRevenue || name == ParamPayout }

// isAmountName reports whether a parameter is named for an amount: revenue, order_total.
func isAmountName(name string) bool {
	if KnownParam(name) {
		return isOwnAmount(name)
	}
	read, ok := readName(name)
	return ok && read.roles&roleMoney != 0
}

// TakesBack reports whether a parameter that is named for an amount has a negative one,
// with which senders of this field take a conversion back. It is no word, so that no
// offer accepts it.
func TakesBack(name, value string) bool {
	_, negative := negativeAmount(name, value)
	return negative
}

// negativeAmount returns the first negative amount in the value of a parameter that is
// named for one: the whole value, or an element of a list by commas. Its form is as
// negativeNumber returns it.
func negativeAmount(name, value string) (amount string, negative bool) {
	if !mayBeNegative(value) || !isAmountName(name) {
		return "", false
	}
	if amount, negative = negativeNumber(value); negative {
		return amount, true
	}
	for _, separator := range [...]string{", ", ","} { // a number may hold the second
		for element := range strings.SplitSeq(value, separator) {
			if amount, negative = negativeNumber(element); negative {
				return amount, true
			}
		}
	}
	return "", false
}

// minusSigns are the signs that systems and spreadsheets write before a negative
// number.
const minusSigns = "-\u2212\u2013\uFE63\uFF0D"

// mayBeNegative is the fast path: a plain amount holds none of these.
func mayBeNegative(text string) bool {
	for i := range len(text) {
		if b := text[i]; b == '-' || b == '(' || b >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// negativeNumber reports whether a text is a number below zero: with a sign before or
// behind it, or in brackets as in bookkeeping, and with a currency or none: -5,
// -1,000.00, (12.50), EUR -3, 5-. Zero is not negative. It returns the text as sent, or
// where that is too long to be kept of a qualifier, the number with its sign.
func negativeNumber(text string) (kept string, negative bool) {
	if !mayBeNegative(text) {
		return "", false
	}
	inner := trimCurrency(strings.Trim(text, "\"' "))
	number := inner
	if bracketed, opened := strings.CutPrefix(inner, "("); opened && strings.HasSuffix(bracketed, ")") {
		number = trimCurrency(strings.TrimSuffix(bracketed, ")"))
	}
	number = trimCurrency(strings.Trim(number, minusSigns))
	if len(number) == len(inner) || len(number) > maxAmountLength || strings.Trim(number, "0123456789.,' eE+") != "" || !strings.ContainsAny(number, "123456789") {
		return "", false
	}
	if kept = Trim(text); escapedBytes(kept) > maxQualifierValueBytes {
		kept = "-" + number
	}
	return kept, true
}

// trimCurrency takes a currency's sign or code, and blanks, off both ends of a number.
func trimCurrency(text string) string {
	const code = len("USD")
	text = strings.TrimFunc(text, isCurrencyMark)
	if len(text) > code && isCurrencyCode(text[:code]) {
		text = strings.TrimLeftFunc(text[code:], isCurrencyMark)
	}
	if len(text) > code && isCurrencyCode(text[len(text)-code:]) {
		text = strings.TrimRightFunc(text[:len(text)-code], isCurrencyMark)
	}
	return text
}

func isCurrencyMark(r rune) bool { return isBlank(r) || unicode.Is(unicode.Sc, r) }

func isCurrencyCode(text string) bool {
	_, err := Currency(text)
	return err == nil
}
