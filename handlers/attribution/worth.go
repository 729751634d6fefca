package attribution

import "github.com/shopspring/decimal"

// moneyPlaces and moneyLimit are those of the numeric(18,6) that money is
// stored as.
const moneyPlaces = 6

var moneyLimit = decimal.New(1, 12)

// worth prices the conversion and gives it its key.
//
// Terms are the publisher's where it has its own, else the offer's. Only a
// clickless hit may carry its own revenue and payout: see amounts. On every
// other way in a sent revenue is merely what percentages are taken of, and a
// sent payout is kept but pays nothing. An amount that cannot be read is no reason
// to reject a hit for which it does not count, and no number is ever guessed where
// it does.
func worth(c *Case) (conversion *Conversion, note string, reason Reason) {
	if c.identity().ManyPerClick && c.Method != ByClickless && c.OrderID == "" {
		return nil, "", MissingOrderID
	}
	payout, revenue := c.Offer.TermsFor(c.Publisher.ID)
	sent, note := c.amounts()
	percent := payout.Percent || revenue.Percent
	counts := percent || sent.replace
	switch {
	case percent && !sent.count:
		return nil, note, RevenueNotCounted
	case sent.count && c.unreadable(percent):
		return nil, note, InvalidAmount
	case counts && c.Unreadable.Currency:
		return nil, note, UnknownCurrency
	case counts && c.Currency != "" && c.Currency != c.Offer.Currency:
		return nil, note, CurrencyMismatch
	case sent.replace:
		payout, revenue = own(payout, c.Payout), own(revenue, c.Revenue)
	}
	conversion = &Conversion{
		DedupKey: c.dedupKey(),
		RulesAt:  c.IdentityTime(),
		Event:    BaseEvent,
		Status:   Approved,
		Method:   c.Method,
		Currency: c.Offer.Currency,
	}
	if conversion.Revenue, reason = revenue.of(c.Revenue); reason != None {
		return nil, note, reason
	}
	if conversion.Payout, reason = payout.of(c.Revenue); reason != None {
		return nil, note, reason
	}
	return conversion, note, None
}

// TermsFor returns the terms that count for a publisher: its own, else the offer's.
func (o *Offer) TermsFor(publisher int64) (payout, revenue Money) {
	payout, revenue = o.Payout, o.Revenue
	override := o.Overrides[publisher]
	if override.Payout != nil {
		payout = *override.Payout
	}
	if override.Revenue != nil {
		revenue = *override.Revenue
	}
	return payout, revenue
}

// own replaces terms by an amount that the hit carries, if it does.
func own(terms Money, sent *decimal.Decimal) Money {
	if sent == nil {
		return terms
	}
	return Money{Amount: *sent}
}

// unreadable reports whether an amount counts that cannot be read: the revenue
// under terms of a percentage, and each one that a clickless hit carries.
func (c *Case) unreadable(percent bool) bool {
	if c.Method == ByClickless && c.Unreadable.Payout {
		return true
	}
	return c.Unreadable.Revenue && (percent || c.Method == ByClickless)
}

// of returns the amount that the terms make of the sent revenue, rounded half
// away from zero to the six places that are stored.
func (m Money) of(sent *decimal.Decimal) (decimal.Decimal, Reason) {
	amount := m.Amount
	if m.Percent {
		if sent == nil {
			return decimal.Zero, MissingRevenue
		}
		amount = sent.Mul(m.Amount).Shift(-2)
	}
	amount = amount.Round(moneyPlaces)
	if amount.GreaterThanOrEqual(moneyLimit) {
		return decimal.Zero, AmountTooLarge
	}
	return amount, None
}
