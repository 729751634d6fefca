package links

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

// needs holds which parameters, besides the ids, the offers of a token need to convert.
type needs struct {
	// percent lists the offers with a payout or a revenue, also of a single publisher,
	// that is a percentage of the sent revenue.
	percent []int64
	// fixed is set when another offer has only fixed amounts.
	fixed bool
	// orders is set when an offer distinguishes conversions by order_id.
	orders bool
}

// needsOf returns the needs of the offer of a token, or, for a global token, of all
// offers of the account.
func needsOf(ctx context.Context, store Store, token attribution.Token) (needs, error) {
	if token.OfferID != 0 {
		offer, err := store.Offer(ctx, token.AccountID, token.OfferID)
		if err != nil {
			return needs{}, err
		}
		return needsOfOffers([]reference.StoredOffer{offer}), nil
	}
	offers, err := store.Offers(ctx, token.AccountID)
	if err != nil {
		return needs{}, err
	}
	return needsOfOffers(offers), nil
}

func needsOfOffers(offers []reference.StoredOffer) needs {
	var n needs
	for _, offer := range offers {
		if takesPercentage(offer.Offer) {
			n.percent = append(n.percent, offer.ID)
		} else {
			n.fixed = true
		}
		n.orders = n.orders || offer.UniqueOrders == reference.OrdersUnique || offer.UniqueOrders == reference.OrdersFilling ||
			offer.NewestIdentity().ManyPerClick
	}
	return n
}

func takesPercentage(offer attribution.Offer) bool {
	for publisher := range offer.Overrides.All() {
		if payout, revenue := offer.TermsFor(publisher); payout.Percent || revenue.Percent {
			return true
		}
	}
	return offer.Payout.Percent || offer.Revenue.Percent
}

// fill adds the needed parameters for a way in. A pixel with a token for pixels gets no
// revenue, because none counts there; a clickless URL has it already.
func (n needs) fill(way, purpose hit.Kind, parameters ...string) []string {
	if n.orders {
		parameters = append(parameters, hit.ParamOrderID, Placeholder)
	}
	if len(n.percent) > 0 && way != hit.Clickless && purpose != hit.Pixel {
		parameters = append(parameters, hit.ParamRevenue, Placeholder)
	}
	return parameters
}

// refused returns a note on the offers for which a pixel with a token of that purpose
// does not convert; empty when it converts for all.
func (n needs) refused(purpose hit.Kind) string {
	if purpose != hit.Pixel || len(n.percent) == 0 {
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
