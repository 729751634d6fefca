package hit

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"integr8/pipeline/ascii"
)

// ErrInvalidAmount is the error of Amount. Like the errors of all these parsers it
// never repeats the text, which may hold anything.
var ErrInvalidAmount = errors.New("an amount is a plain decimal number, not negative, below one trillion")

const (
	// AmountPlaces is how many decimal places of an amount are kept, as
	// numeric(18,6) stores them.
	AmountPlaces = 6
	// maxAmountLength is generous: a float64 printed in full has some 20
	// digits after the point.
	maxAmountLength = 64
)

// AmountLimit is the first amount that numeric(18,6) cannot hold.
var AmountLimit = decimal.New(1, 12)

// Amount reads revenue or payout: digits with an optional fraction after a
// point. A leading + is tolerated, an exponent or thousands separator is not.
// The result is rounded to AmountPlaces, half away from zero, and lies in
// [0, 10^12). White space around it is ignored here as in all these parsers.
func Amount(text string) (decimal.Decimal, error) {
	read, _, err := amount(text)
	return read, err
}

// amount is Amount, and also reports whether it was rounded.
func amount(text string) (read decimal.Decimal, rounded bool, err error) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	if len(text) > maxAmountLength {
		return decimal.Decimal{}, false, ErrInvalidAmount
	}
	whole, fraction, pointed := strings.Cut(text, ".")
	if !ascii.IsDigits(whole+fraction) || (pointed && fraction == "") {
		return decimal.Decimal{}, false, ErrInvalidAmount
	}
	sent, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, false, ErrInvalidAmount
	}
	read = sent.Round(AmountPlaces)
	if !read.LessThan(AmountLimit) {
		return decimal.Decimal{}, false, ErrInvalidAmount
	}
	return read, !read.Equal(sent), nil
}

// NoAmount reports whether a text is what programs write where they have no amount or
// currency: null, undefined, N/A, a dash. Unlike for an id, 0 is an amount.
func NoAmount(text string) bool {
	if text != "" && '0' <= text[0] && text[0] <= '9' {
		return false // nearly every amount: it costs no allocation
	}
	return SaysNothing(text) || strings.Trim(text, "-\u2013\u2014 ") == ""
}
