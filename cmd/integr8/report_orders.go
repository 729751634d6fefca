package main

import (
	"context"
	"fmt"
	"time"

	"integr8/sql/store"
)

// ordersShown is how many orders a report lists.
const ordersShown = 200

// ordersAnswer is what report --orders answers.
type ordersAnswer struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Total is how many there are; Orders holds those that cost most.
	Total  int               `json:"total"`
	Orders []store.PaidOrder `json:"orders"`
}

// orders lists order ids that were paid more than once. Conversions stay for ever,
// so only the period bounds what is compared.
func (c *reportCommand) orders(ctx context.Context, app *app, db *store.Store, filter store.ReportFilter) error {
	orders, total, err := db.ReportOrders(ctx, filter, ordersShown)
	if err != nil {
		return err
	}
	answer := ordersAnswer{From: filter.From, To: filter.To, Total: total, Orders: append([]store.PaidOrder{}, orders...)}
	return c.print(app, answer, func(t *table) {
		t.row(fmt.Sprintf("%s to %s UTC. Conversions of another time, and those without an order_id, were not looked at.",
			clock(filter.From), clock(filter.To)))
		t.row()
		if total == 0 {
			t.row("No order was paid more than once.")
			return
		}
		t.row("ACCOUNT", "OFFER", "ORDER", "CONVERSIONS", "WAYS IN", "REVENUE AGAIN", "PAYOUT AGAIN", "CURRENCY", "LAST", "FIRST CONVERSION")
		for _, o := range orders {
			t.row(o.AccountID, o.OfferID, long(o.OrderID), o.Conversions, o.Ways, amount(o.RevenueRepeated), amount(o.PayoutRepeated),
				o.Currencies, clock(o.LastAt), o.FirstID)
		}
		if more := total - len(orders); more > 0 {
			t.row()
			t.row(fmt.Sprintf("and %d more: shorten the period, or name an --offer", more))
		}
	})
}

// orders looks for orders that were paid more than once within a week.
func (e *examination) orders(ctx context.Context, db *store.Store) {
	orders, total, err := db.ReportOrders(ctx, store.ReportFilter{From: e.now.Add(-lastingWindow), To: e.now.Add(time.Minute)}, examplesShown)
	if err != nil {
		e.failed("orders", err)
		return
	}
	var all []example
	for _, o := range orders {
		all = append(all, example{
			fmt.Sprintf("offer %d of account %d paid order %q %d times within a week (%s): payout %s and revenue %s %s more than once; integr8 trace %s",
				o.OfferID, o.AccountID, o.OrderID, o.Conversions, o.Ways, amount(o.PayoutRepeated), amount(o.RevenueRepeated), o.Currencies, o.FirstID),
			party{AccountID: o.AccountID, Offer: o.OfferID},
		})
	}
	e.several(levelWarning, "orders", "orders were paid more than once within a week",
		"have the advertiser report each sale by one way in, or pay each once: integr8 offer edit ID --unique-orders; all of them: integr8 report --orders --from 7d", all, total-len(all))
}

// filling looks for offers whose switch to unique orders was not completed.
func (e *examination) filling(ctx context.Context, db *store.Store) {
	offers, err := db.FillingOffers(ctx)
	if err != nil {
		e.failed("orders", err)
		return
	}
	for _, o := range offers {
		e.warn("orders", party{AccountID: o.AccountID, Offer: o.ID},
			fmt.Sprintf("offer %d of account %d may still pay an order_id more than once: offer edit --unique-orders was not completed", o.ID, o.AccountID),
			fmt.Sprintf("unless it is running now: integr8 offer edit %d --unique-orders", o.ID))
	}
}
