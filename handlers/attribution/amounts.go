package attribution

import (
	"strings"

	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
)

// amounts states what the revenue and the payout of a hit are used for.
type amounts struct {
	// count is set when percentages may be taken of the hit's revenue.
	count bool
	// replace is set when the amounts also replace the offer's terms.
	replace bool
}

// The notes on amounts that were sent and do not count. The ceiling is appended to
// AmountsPassCeiling.
const (
	AmountsNeedToken   = "revenue and payout do not count: the token was not made for clickless, and the offer does not take own amounts with others"
	AmountsPassCeiling = passedCeiling + " of "
	PixelAmounts       = "revenue and payout do not count: the token was made for pixels"
)

// passedCeiling begins AmountsPassCeiling. A program of an earlier version stored it
// alone, without the ceiling.
const passedCeiling = "revenue and payout do not count: one of them is above the offer's ceiling"

// IsNote reports whether a decision left the note.
func IsNote(note string) bool {
	return note == AmountsNeedToken || note == PixelAmounts || strings.HasPrefix(note, passedCeiling)
}

// amounts decides whether the hit's own amounts count.
//
// A token in a pixel is public: everybody who reads the page could send any revenue,
// and would be paid a percentage of it. So a token made for pixels pays fixed terms
// only. The sender of a clickless hit chooses its publisher, and no click bounds the
// amounts. So they count, as a whole or for percentages, only with a token made for
// clickless, or with any token when the offer allows it, and only up to the offer's
// ceiling.
//
// An amount counts with all its decimals, also when its currency has fewer: the sum of
// many such amounts can be paid, as with percentages. Refusing it would lose a
// conversion whose amount is plain; rounding it would pay an amount that nobody sent.
//
// The note says that an amount was sent and does not count.
func (c *Case) amounts() (amounts, string) {
	switch {
	case c.Token.Purpose == hit.Pixel:
		return amounts{}, c.noteIfSent(PixelAmounts)
	case c.Kind != hit.Clickless:
		return amounts{count: true}, ""
	case c.Token.Purpose != hit.Clickless && !c.Offer.OwnAmounts:
		return amounts{}, c.noteIfSent(AmountsNeedToken)
	case c.passesCeiling(c.Revenue) || c.passesCeiling(c.Payout):
		return amounts{}, AmountsPassCeiling + c.Offer.Ceiling.String()
	default:
		return amounts{count: true, replace: c.sendsAmounts()}, ""
	}
}

func (c *Case) sendsAmounts() bool { return c.Revenue != nil || c.Payout != nil }

func (c *Case) noteIfSent(note string) string {
	if !c.sendsAmounts() {
		return ""
	}
	return note
}

func (c *Case) passesCeiling(sent *decimal.Decimal) bool {
	return sent != nil && c.Offer.Ceiling != nil && sent.GreaterThan(*c.Offer.Ceiling)
}
