package attribution

import (
	"github.com/shopspring/decimal"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// worth prices the conversion and sets its key.
//
// The terms are the publisher's own if it has any, else the offer's. Only a clickless
// hit may bring its own revenue and payout: see amounts. For every other hit a sent
// revenue is only the base of percentages, and a sent payout is stored but pays
// nothing. An amount that cannot be parsed does not reject a hit for which it does not
// count, and where it counts no number is guessed.
func worth(c *Case) (conversion *Conversion, note string, reason outcome.Reason) {
	if c.identity().ManyPerClick && c.Kind != hit.Clickless && c.OrderID == "" {
		return nil, "", outcome.MissingOrderID
	}
	payout, revenue := c.Offer.TermsFor(c.Publisher.ID)
	sent, note := c.amounts()
	percent := payout.Percent || revenue.Percent
	counts := percent || sent.replace
	switch {
	case percent && !sent.count:
		return nil, note, outcome.RevenueNotCounted
	case sent.count && c.unreadable(percent):
		return nil, note, outcome.InvalidAmount
	case counts && c.Unreadable.Currency:
		return nil, note, outcome.UnknownCurrency
	case counts && c.Currency != "" && c.Currency != c.Offer.Currency:
		return nil, note, outcome.CurrencyMismatch
	case sent.replace:
		payout, revenue = own(payout, c.Payout), own(revenue, c.Revenue)
	}
	conversion = &Conversion{
		DedupKey: c.dedupKey(),
		RulesAt:  c.IdentityTime(),
		Event:    BaseEvent,
		Status:   Approved,
		Method:   c.Kind,
		Currency: c.Offer.Currency,
	}
	if conversion.Revenue, reason = revenue.of(c.Revenue); reason != outcome.NoReason {
		return nil, note, reason
	}
	if conversion.Payout, reason = payout.of(c.Revenue); reason != outcome.NoReason {
		return nil, note, reason
	}
	return conversion, note, outcome.NoReason
}

// TermsFor returns the terms that apply to a publisher: its own, else the offer's.
func (o *Offer) TermsFor(publisher int64) (payout, revenue Money) {
	payout, revenue = o.Payout, o.Revenue
	override, _ := o.Overrides.Of(publisher)
	if override.Payout != nil {
		payout = *override.Payout
	}
	if override.Revenue != nil {
		revenue = *override.Revenue
	}
	return payout, revenue
}

// own replaces terms by the amount that the hit sent, if it sent one.
func own(terms Money, sent *decimal.Decimal) Money {
	if sent == nil {
		return terms
	}
	return Money{Amount: *sent}
}

// unreadable reports whether an amount that counts cannot be parsed: the revenue under
// a percentage, or either amount of a clickless hit.
func (c *Case) unreadable(percent bool) bool {
	if c.Kind == hit.Clickless && c.Unreadable.Payout {
		return true
	}
	return c.Unreadable.Revenue && (percent || c.Kind == hit.Clickless)
}

// of returns the amount that the terms yield for the sent revenue, rounded half away
// from zero to the six places that are stored.
func (m Money) of(sent *decimal.Decimal) (decimal.Decimal, outcome.Reason) {
	amount := m.Amount
	if m.Percent {
		if sent == nil {
			return decimal.Zero, outcome.MissingRevenue
		}
		amount = sent.Mul(m.Amount).Shift(-2)
	}
	amount = amount.Round(hit.AmountPlaces)
	if amount.GreaterThanOrEqual(hit.AmountLimit) {
		return decimal.Zero, outcome.AmountTooLarge
	}
	return amount, outcome.NoReason
}
