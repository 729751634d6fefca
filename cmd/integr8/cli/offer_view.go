package cli

import (
	"strings"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

// offerTable has a line for each offer.
func offerTable(offers ...reference.Offer) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "ADVERTISER", "NAME", "STATUS", "PAYOUT", "REVENUE", "CURRENCY", "WINDOW", "ORDERS", "OVERRIDES", "DESTINATION")
		for _, offer := range offers {
			t.row(offer.ID, offer.AccountID, offer.Advertiser, long(offer.Name), offer.Status, offer.Payout, offer.Revenue, offer.Currency,
				offer.Window, ordersInAWord(offer.OrdersState), len(offer.Overrides), long(offer.Destination))
		}
	}
}

// offerSheet has all of each offer, a line a field.
func offerSheet(offers ...reference.Offer) func(*table) {
	return func(t *table) {
		for _, offer := range offers {
			writeOffer(t, offer)
		}
	}
}

func writeOffer(t *table, v reference.Offer) {
	t.row("id", v.ID)
	t.row("account", v.AccountID)
	t.row("advertiser", v.Advertiser)
	t.row("name", v.Name)
	t.row("status", v.Status)
	t.row("destination", v.Destination)
	t.row("payout", v.Payout)
	t.row("revenue", v.Revenue)
	t.row("currency", v.Currency)
	t.row("window", v.Window)
	t.row("own amounts", ownAmounts(v))
	for _, rules := range v.Identity {
		if rules.From == nil {
			t.row("conversions", identityInWords(rules))
		} else {
			t.row("for clicks from", operate.PreciseClock(*rules.From)+": "+identityInWords(rules))
		}
	}
	t.row("orders", ordersInFull(v.OrdersState))
	if len(v.BaseWords) > 0 {
		t.row("base words", strings.Join(v.BaseWords, ", "))
	}
	if len(v.IgnoredParams) > 0 {
		t.row("ignored", strings.Join(v.IgnoredParams, ", "))
	}
	t.row("created", operate.Clock(v.CreatedAt))
	t.row("tracking link", v.TrackingLink)
	if len(v.Overrides) == 0 {
		return
	}
	t.row()
	t.row("PUBLISHER", "PAYOUT", "REVENUE")
	for _, override := range v.Overrides {
		t.row(override.Publisher, orOffers(override.Payout), orOffers(override.Revenue))
	}
}

func identityInWords(rules reference.Identity) string {
	if rules.ManyPerClick {
		return "several conversions a click, one for each order_id"
	}
	return "one conversion a click"
}

// ownAmounts says which amounts of clickless hits count.
func ownAmounts(v reference.Offer) string {
	text := "of clickless hits with a token made for clickless"
	if v.OwnAmounts {
		text = "of clickless hits with every token"
	}
	if v.Ceiling != nil {
		text += ", up to " + *v.Ceiling + " " + v.Currency
	}
	return text
}

// ordersInAWord says whether an order_id is paid once.
func ordersInAWord(state reference.UniqueOrders) string {
	switch state {
	case reference.OrdersUnique:
		return "unique"
	case reference.OrdersFilling:
		return "filling"
	default:
		return "repeat"
	}
}

func ordersInFull(state reference.UniqueOrders) string {
	switch state {
	case reference.OrdersUnique:
		return "unique: an order_id is paid once"
	case reference.OrdersFilling:
		return "not unique yet: offer edit --unique-orders is running, or was interrupted and a worker completes it"
	case reference.OrdersEnded:
		return "may repeat, but not for what was clicked or received before unique orders ended"
	default:
		return "may repeat"
	}
}

func orOffers(terms *string) string {
	if terms == nil {
		return "the offer's"
	}
	return *terms
}
