package doctor

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/report"
)

// orders looks for orders that were paid more than once within a week.
func (e *examination) orders(ctx context.Context, db Store) {
	orders, total, err := db.ReportOrders(ctx, report.Filter{From: e.now.Add(-lastingWindow), To: e.now.Add(time.Minute)}, ExamplesShown)
	if err != nil {
		e.failed("orders", err)
		return
	}
	var all []Example
	for _, o := range orders {
		all = append(all, Example{
			fmt.Sprintf("offer %d of account %d paid order %q %d times within a week (%s): payout %s and revenue %s %s more than once; `integr8 trace %s`",
				o.OfferID, o.AccountID, o.OrderID, o.Conversions, o.Ways, operate.Amount(o.PayoutRepeated, o.Currencies), operate.Amount(o.RevenueRepeated, o.Currencies), o.Currencies, o.FirstID),
			Party{AccountID: o.AccountID, Offer: o.OfferID},
		})
	}
	e.several(Warning, "orders", "orders were paid more than once within a week",
		"have the advertiser report each sale by one way in, or pay each once: `integr8 offer edit ID --unique-orders`; all of them: `integr8 report --orders --from 7d`", all, total-len(all))
}

// filling looks for offers whose switch to unique orders is not completed.
func (e *examination) filling(ctx context.Context, db Store) {
	offers, err := db.FillingOffers(ctx)
	if err != nil {
		e.failed("orders", err)
		return
	}
	for _, o := range offers {
		e.warn("orders", Party{AccountID: o.AccountID, Offer: o.ID},
			fmt.Sprintf("offer %d of account %d may still pay an order_id more than once: its switch to unique orders is not completed", o.ID, o.AccountID),
			fmt.Sprintf("workers complete it once the process that began it has ended: check that one runs, and its log; or complete it now: `integr8 offer edit %d --unique-orders`", o.ID))
	}
}
