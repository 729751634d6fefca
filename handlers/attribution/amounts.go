package attribution

import "github.com/shopspring/decimal"

// amounts says what the revenue and the payout that a hit carries may do.
type amounts struct {
	// count is set where the revenue may be what percentages are taken of.
	count bool
	// replace is set where the amounts also replace the offer's terms.
	replace bool
}

// The notes of amounts that were sent and do not count.
const (
	AmountsNeedToken   = "revenue and payout do not count: the token was not made for clickless, and the offer does not take own amounts with others"
	AmountsPassCeiling = "revenue and payout do not count: one of them is above the offer's ceiling"
	PixelAmounts       = "revenue and payout do not count: the token was made for pixels"
)

// IsNote reports whether a note is one that a decision left.
func IsNote(note string) bool {
	return note == AmountsNeedToken || note == AmountsPassCeiling || note == PixelAmounts
}

// amounts decides who may set the money. A token in a pixel is public, so one
// made for pixels fires fixed terms and nothing else: whoever reads the page
// could send any revenue, and a percentage of it would be theirs. A clickless hit
// names its publisher, so its amounts count, as a whole or for percentages, only
// with a token made for clickless or where the offer allows it with any other,
// and up to the offer's ceiling. Without a click nothing else bounds them.
//
// The note says that something was sent and does not count.
func (c *Case) amounts() (amounts, string) {
	switch {
	case c.Token.Purpose == ByPixel:
		return amounts{}, c.noteIfSent(PixelAmounts)
	case c.Method != ByClickless:
		return amounts{count: true}, ""
	case c.Token.Purpose != ByClickless && !c.Offer.OwnAmounts:
		return amounts{}, c.noteIfSent(AmountsNeedToken)
	case c.passesCeiling(c.Revenue) || c.passesCeiling(c.Payout):
		return amounts{}, AmountsPassCeiling
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
