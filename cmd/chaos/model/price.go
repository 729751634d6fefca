package model

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// clicklessKey returns the key of a conversion without a click. A hit without an id of
// its own counts each time.
func clicklessKey(e *Expectation, offer, publisher int64) string {
	external, order := e.Get("external_transaction_id"), e.Get("order_id")
	if external == "" && order == "" {
		return fmt.Sprintf("hit %d", e.Seq)
	}
	return fmt.Sprintf("clickless offer %d publisher %d external %q order %q", offer, publisher, external, order)
}

// price computes the amounts of a conversion, or the reason why it has none. Only a
// clickless hit may bring its own amounts, with a token made for clickless or when the
// offer allows it, up to the offer's ceiling. Amounts that do not count are no base of
// percentages either, nor are those sent with a token made for pixels.
func (w *World) price(e *Expectation, token Token, key string, offerID, publisherID int64) {
	offer := w.Offers[offerID]
	payout, revenue := offer.Payout, offer.Revenue
	if own, ok := offer.Payouts[publisherID]; ok {
		payout = own
	}
	percent := payout.Percent || revenue.Percent
	sent, ownPayout := amount(e.Get("revenue")), amount(e.Get("payout"))
	above := func(a *decimal.Decimal) bool {
		return a != nil && offer.Ceiling != nil && a.GreaterThan(*offer.Ceiling)
	}
	counts := token.Purpose != pixel
	if e.Kind == clickless {
		counts = (token.Purpose == clickless || offer.OwnAmounts) && !above(sent) && !above(ownPayout)
	}
	if percent && !counts {
		e.Reason = "revenue_not_counted"
		return
	}
	brought := false
	if e.Kind == clickless && counts {
		if sent != nil {
			revenue, brought = Terms{Amount: *sent}, true
		}
		if ownPayout != nil {
			payout, brought = Terms{Amount: *ownPayout}, true
		}
	}
	if counts && (percent && unreadable(e.Get("revenue")) || e.Kind == clickless && (unreadable(e.Get("revenue")) || unreadable(e.Get("payout")))) {
		e.Reason = "invalid_amount"
		return
	}
	if currency := e.Get("currency"); currency != "" && currency != offer.Currency && (brought || percent) {
		e.Reason = "currency_mismatch"
		return
	}
	if (payout.Percent || revenue.Percent) && sent == nil {
		e.Reason = "missing_revenue"
		return
	}
	e.Claim = &Claim{
		Key: fmt.Sprintf("account %d %s", e.Account, key), Order: offer.uniqueOrder(offerID, e.Get("order_id")),
		Offer: offerID, Publisher: publisherID, Method: e.Kind,
		Revenue: revenue.of(sent), Payout: payout.of(sent), Currency: offer.Currency,
	}
}

// uniqueOrder returns the order that an offer with unique orders lets convert once;
// empty when there is none.
func (o *Offer) uniqueOrder(id int64, order string) string {
	if !o.UniqueOrders || order == "" {
		return ""
	}
	return fmt.Sprintf("offer %d order %q", id, order)
}

func (t Terms) of(sent *decimal.Decimal) decimal.Decimal {
	if !t.Percent {
		return t.Amount.Round(moneyPlaces)
	}
	return sent.Mul(t.Amount).Div(decimal.New(100, 0)).Round(moneyPlaces)
}
