package reference

import (
	"fmt"
	"time"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
)

// StoredOffer is an offer's terms with the overrides of single publishers.
type StoredOffer struct {
	attribution.Offer
	CreatedAt time.Time
	// UniqueOrders says whether the offer pays an order_id only once.
	UniqueOrders UniqueOrders
}

// Offer is an offer in the form that is shown.
type Offer struct {
	ID          int64              `json:"id"`
	AccountID   int64              `json:"account_id"`
	Advertiser  int64              `json:"advertiser"`
	Name        string             `json:"name"`
	Status      attribution.Status `json:"status"`
	Destination string             `json:"destination"`
	// Payout, Revenue and Ceiling have the form of WriteTerms: 2.50, or 80%.
	Payout   string `json:"payout"`
	Revenue  string `json:"revenue"`
	Currency string `json:"currency"`
	// Window has the form of operate.Span: 30d.
	Window string `json:"window"`
	// OwnAmounts and Ceiling say which amounts of clickless hits count.
	OwnAmounts bool    `json:"own_amounts"`
	Ceiling    *string `json:"ceiling"`
	// ManyPerClick is the rule that was set last; Identity shows since when each rule is
	// in force.
	ManyPerClick bool       `json:"many_per_click"`
	Identity     []Identity `json:"identity"`
	// UniqueOrders is set when an order_id is paid only once.
	UniqueOrders bool         `json:"unique_orders"`
	OrdersState  UniqueOrders `json:"unique_orders_state"`
	// BaseWords and IgnoredParams are the offer's rules on events and statuses.
	BaseWords     []string `json:"base_words"`
	IgnoredParams []string `json:"ignored_params"`

	Overrides    []Override `json:"overrides"`
	TrackingLink string     `json:"tracking_link"`
	CreatedAt    time.Time  `json:"created_at"`
}

// Paused reports whether the offer's links send nobody on.
func (o Offer) Paused() bool { return o.Status == attribution.Paused }

// Faults says why clicks through the offer's link may not convert.
func (o Offer) Faults() (faults Warnings) {
	for _, fault := range []string{LostReturn(o.Destination), UnfilledMacros(o.Destination)} {
		if fault != "" {
			faults = append(faults, fault)
		}
	}
	return faults
}

// Identity holds rules of identity, and the time of the first click for which they are
// in force; null for the rules of the offer's first clicks.
type Identity struct {
	From         *time.Time `json:"from"`
	ManyPerClick bool       `json:"many_per_click"`
}

// Override holds a publisher's own terms; null for terms in which the offer's apply.
type Override struct {
	Publisher int64   `json:"publisher"`
	Payout    *string `json:"payout"`
	Revenue   *string `json:"revenue"`
}

// Recorded returns the offer as the history holds it: in the form that is shown, without
// the tracking link, which depends on settings.
func (o StoredOffer) Recorded() Offer { return o.shown("") }

// RecordedOverride returns a publisher's own terms in the form of Offer.Overrides; empty
// when it has none.
func (o StoredOffer) RecordedOverride(publisher int64) []Override {
	override, ok := o.Overrides.Of(publisher)
	if !ok {
		return []Override{}
	}
	return []Override{shownOverride(publisher, override)}
}

// shown returns the offer with its tracking link, in the form that is shown.
func (o StoredOffer) shown(trackingLink string) Offer {
	shown := Offer{
		ID:           o.ID,
		AccountID:    o.AccountID,
		Advertiser:   o.AdvertiserID,
		Name:         o.Name,
		Status:       o.Status,
		Destination:  o.Destination,
		Payout:       WriteTerms(o.Payout),
		Revenue:      WriteTerms(o.Revenue),
		Currency:     o.Currency,
		Window:       operate.Span(o.Window),
		OwnAmounts:   o.OwnAmounts,
		ManyPerClick: o.NewestIdentity().ManyPerClick,
		Identity:     []Identity{{ManyPerClick: o.Offer.Identity.ManyPerClick}},
		Overrides:    []Override{},
		UniqueOrders: o.UniqueOrders == OrdersUnique,
		OrdersState:  o.UniqueOrders,

		BaseWords:     append([]string{}, o.Consent.Words...),
		IgnoredParams: append([]string{}, o.Consent.Ignored...),

		TrackingLink: trackingLink,
		CreatedAt:    o.CreatedAt,
	}
	if o.Ceiling != nil {
		shown.Ceiling = new(WriteTerms(attribution.Money{Amount: *o.Ceiling}))
	}
	for _, later := range o.Later {
		shown.Identity = append(shown.Identity, Identity{&later.Since, later.ManyPerClick})
	}
	for publisher, own := range o.Overrides.All() {
		shown.Overrides = append(shown.Overrides, shownOverride(publisher, own))
	}
	return shown
}

func shownOverride(publisher int64, override attribution.Override) Override {
	return Override{Publisher: publisher, Payout: writeOverride(override.Payout), Revenue: writeOverride(override.Revenue)}
}

// writeOverride is WriteTerms for terms that may be nil.
func writeOverride(money *attribution.Money) *string {
	if money == nil {
		return nil
	}
	return new(WriteTerms(*money))
}

// Losses describes the terms of an offer under which a conversion costs more than it
// brings. That may be intended, but rarely is. A percentage and a fixed amount cannot
// be compared.
func Losses(offer attribution.Offer) []string {
	var found []string
	check := func(whose string, payout, revenue attribution.Money) {
		if payout.Percent == revenue.Percent && payout.Amount.GreaterThan(revenue.Amount) {
			found = append(found, fmt.Sprintf("%s payout %s is more than the revenue %s", whose, WriteTerms(payout), WriteTerms(revenue)))
		}
	}
	check("the offer's", offer.Payout, offer.Revenue)
	for publisher := range offer.Overrides.All() {
		payout, revenue := offer.TermsFor(publisher)
		check(fmt.Sprintf("publisher %d's", publisher), payout, revenue)
	}
	return found
}
