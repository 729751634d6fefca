package main

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// needs are what the offers that a token reports to must be sent beside the ids,
// or nothing converts.
type needs struct {
	// percent lists the offers with a payout or a revenue that is a percentage:
	// of the revenue that is sent. For a publisher's own terms too.
	percent []int64
	// fixed is set where another offer takes fixed amounts alone.
	fixed bool
	// orders is set where an offer tells conversions apart by order_id.
	orders bool
}

// needsOf looks at the offer of a token, or for a global one at all offers of the
// account.
func needsOf(ctx context.Context, db *store.Store, token attribution.Token) (needs, error) {
	if token.OfferID != 0 {
		offer, err := db.Offer(ctx, token.AccountID, token.OfferID)
		if err != nil {
			return needs{}, err
		}
		return needsOfOffers([]store.Offer{offer}), nil
	}
	offers, err := db.Offers(ctx, token.AccountID)
	if err != nil {
		return needs{}, err
	}
	return needsOfOffers(offers), nil
}

func needsOfOffers(offers []store.Offer) needs {
	var n needs
	for _, offer := range offers {
		if takesPercentage(offer.Offer) {
			n.percent = append(n.percent, offer.ID)
		} else {
			n.fixed = true
		}
		n.orders = n.orders || offer.UniqueOrders == store.OrdersUnique || offer.UniqueOrders == store.OrdersFilling ||
			offer.NewestIdentity().ManyPerClick
	}
	return n
}

func takesPercentage(offer attribution.Offer) bool {
	for publisher := range offer.Overrides {
		if payout, revenue := offer.TermsFor(publisher); payout.Percent || revenue.Percent {
			return true
		}
	}
	return offer.Payout.Percent || offer.Revenue.Percent
}

// fill adds what is needed to the parameters of a way in. A pixel with a token for
// pixels carries no revenue, because none counts there; a clickless URL has it.
func (n needs) fill(way, purpose attribution.Method, parameters ...string) []string {
	if n.orders {
		parameters = append(parameters, hit.ParamOrderID, replaceMe)
	}
	if len(n.percent) > 0 && way != attribution.ByClickless && purpose != attribution.ByPixel {
		parameters = append(parameters, hit.ParamRevenue, replaceMe)
	}
	return parameters
}

// refused says which offers a pixel with a token of that purpose does not convert
// for; empty when it converts for all.
func (n needs) refused(purpose attribution.Method) string {
	if purpose != attribution.ByPixel || len(n.percent) == 0 {
		return ""
	}
	const longest = 10
	shown := n.percent[:min(longest, len(n.percent))]
	of := "offer " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(shown)), ", "), "[]")
	if more := len(n.percent) - len(shown); more > 0 {
		of += fmt.Sprintf(" and %d more", more)
	}
	return "A token for pixels fires fixed amounts only, because everybody can read it: for percentages (" + of + ") use the postback"
}
