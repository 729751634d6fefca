package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// offerView is an offer as it is answered.
type offerView struct {
	ID          int64              `json:"id"`
	AccountID   int64              `json:"account_id"`
	Advertiser  int64              `json:"advertiser"`
	Name        string             `json:"name"`
	Status      attribution.Status `json:"status"`
	Destination string             `json:"destination"`
	Payout      string             `json:"payout"`
	Revenue     string             `json:"revenue"`
	Currency    string             `json:"currency"`
	Window      string             `json:"window"`
	// OwnAmounts and Ceiling say which amounts of clickless hits count.
	OwnAmounts bool    `json:"own_amounts"`
	Ceiling    *string `json:"ceiling"`
	// ManyPerClick is the rule that was set last; Identity says from when each is
	// in force.
	ManyPerClick bool           `json:"many_per_click"`
	Identity     []identityView `json:"identity"`
	// UniqueOrders says that an order_id is paid once. OrdersState is on, off, filling
	// (switching on was not completed) or empty (never switched on).
	UniqueOrders bool               `json:"unique_orders"`
	OrdersState  store.UniqueOrders `json:"unique_orders_state"`
	// BaseWords and IgnoredParams are the offer's rules on events and statuses.
	BaseWords     []string `json:"base_words"`
	IgnoredParams []string `json:"ignored_params"`

	Overrides    []overrideView `json:"overrides"`
	TrackingLink string         `json:"tracking_link"`
	CreatedAt    time.Time      `json:"created_at"`
}

// identityView holds rules of identity, and the time of the first click for which
// they are in force; null for those of the offer's first clicks.
type identityView struct {
	From         *time.Time `json:"from"`
	ManyPerClick bool       `json:"many_per_click"`
}

func (v identityView) String() string {
	if v.ManyPerClick {
		return "several conversions a click, one for each order_id"
	}
	return "one conversion a click"
}

// overrideView holds one publisher's own terms; null where the offer's apply.
type overrideView struct {
	Publisher int64   `json:"publisher"`
	Payout    *string `json:"payout"`
	Revenue   *string `json:"revenue"`
}

func viewOffer(offer store.Offer, base *url.URL) offerView {
	view := offerView{
		ID:           offer.ID,
		AccountID:    offer.AccountID,
		Advertiser:   offer.AdvertiserID,
		Name:         offer.Name,
		Status:       offer.Status,
		Destination:  offer.Destination,
		Payout:       writeTerms(offer.Payout),
		Revenue:      writeTerms(offer.Revenue),
		Currency:     offer.Currency,
		Window:       writeWindow(offer.Window),
		OwnAmounts:   offer.OwnAmounts,
		ManyPerClick: offer.NewestIdentity().ManyPerClick,
		Identity:     []identityView{{ManyPerClick: offer.Identity.ManyPerClick}},
		Overrides:    []overrideView{},
		UniqueOrders: offer.UniqueOrders == store.OrdersUnique,
		OrdersState:  offer.UniqueOrders,

		BaseWords:     append([]string{}, offer.Consent.Words...),
		IgnoredParams: append([]string{}, offer.Consent.Ignored...),

		TrackingLink: trackingLink(base, offer.ID),
		CreatedAt:    offer.CreatedAt,
	}
	if offer.Ceiling != nil {
		view.Ceiling = new(writeTerms(attribution.Money{Amount: *offer.Ceiling}))
	}
	for _, later := range offer.Later {
		view.Identity = append(view.Identity, identityView{&later.Since, later.ManyPerClick})
	}
	for _, publisher := range slices.Sorted(maps.Keys(offer.Overrides)) {
		override := offer.Overrides[publisher]
		view.Overrides = append(view.Overrides, overrideView{
			Publisher: publisher,
			Payout:    writeOverride(override.Payout),
			Revenue:   writeOverride(override.Revenue),
		})
	}
	return view
}

// writeWindow writes a window as it can be read again: in days where it is
// whole days, as people agree on them.
func writeWindow(window time.Duration) string {
	const day = 24 * time.Hour
	if window%day == 0 {
		return fmt.Sprintf("%dd", window/day)
	}
	return model.Duration(window).String()
}

// printOffer answers one offer.
func (a *app) printOffer(output output, offer store.Offer, base *url.URL) error {
	view := viewOffer(offer, base)
	return output.print(a, view, view.table)
}

func (v offerView) table(t *table) {
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
	t.row("own amounts", v.ownAmounts())
	for _, rules := range v.Identity {
		if rules.From == nil {
			t.row("conversions", rules)
		} else {
			t.row("for clicks from", preciseClock(*rules.From)+": "+rules.String())
		}
	}
	t.row("orders", v.ordersInFull())
	if len(v.BaseWords) > 0 {
		t.row("base words", strings.Join(v.BaseWords, ", "))
	}
	if len(v.IgnoredParams) > 0 {
		t.row("ignored", strings.Join(v.IgnoredParams, ", "))
	}
	t.row("created", clock(v.CreatedAt))
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

// ownAmounts says which amounts of clickless hits count.
func (v offerView) ownAmounts() string {
	text := "of clickless hits with a token made for clickless"
	if v.OwnAmounts {
		text = "of clickless hits with every token"
	}
	if v.Ceiling != nil {
		text += ", up to " + *v.Ceiling + " " + v.Currency
	}
	return text
}

// orders says in a word whether an order_id is paid once.
func (v offerView) orders() string {
	switch v.OrdersState {
	case store.OrdersUnique:
		return "unique"
	case store.OrdersFilling:
		return "filling"
	default:
		return "repeat"
	}
}

func (v offerView) ordersInFull() string {
	switch v.OrdersState {
	case store.OrdersUnique:
		return "unique: an order_id is paid once"
	case store.OrdersFilling:
		return "not unique yet: offer edit --unique-orders is running, or was interrupted: run it again"
	case store.OrdersEnded:
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
