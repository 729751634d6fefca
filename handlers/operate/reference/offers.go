package reference

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
)

// OfferStore stores offers and the overrides of single publishers.
type OfferStore interface {
	NamedStore
	namesakes
	// CreateOffer ignores the id, the overrides and the later rules of identity of its
	// argument; a zero Status means active and a zero Window attribution.DefaultWindow.
	CreateOffer(ctx context.Context, offer attribution.Offer) (StoredOffer, error)
	// CreateUniqueOrdersOffer is CreateOffer for an offer that pays an order_id only
	// once, from its first conversion on.
	CreateUniqueOrdersOffer(ctx context.Context, offer attribution.Offer) (StoredOffer, error)
	Offers(ctx context.Context, account int64) ([]StoredOffer, error)
	Offer(ctx context.Context, account, id int64) (StoredOffer, error)
	EditOffer(ctx context.Context, account, id int64, change OfferChange) (StoredOffer, error)
	// SetOverride sets a publisher's own terms for an offer. A nil part keeps its
	// earlier value, or the offer's if there was none.
	SetOverride(ctx context.Context, account, offer, publisher int64, terms attribution.Override) error
	// ClearOverride removes a publisher's own terms. The error matches ErrNotFound when
	// there are none.
	ClearOverride(ctx context.Context, account, offer, publisher int64) error
	SetUniqueOrders(ctx context.Context, account, offer int64, on bool, progress func(read int, of int64)) error
	// CheckWindow refuses a window that is longer than clicks are kept.
	CheckWindow(ctx context.Context, window time.Duration, offer int64, lateClicks time.Duration) error
}

// Links returns the tracking link to which publishers send visitors.
type Links interface {
	TrackingLink(offer int64) string
}

// Offers are the use cases on offers.
type Offers struct {
	Store OfferStore
	Links Links
	// LateClicks is how long a postback waits for its click. Clicks are kept at least
	// that long after an offer's window.
	LateClicks time.Duration
}

// NewOffer is an offer to be created.
type NewOffer struct {
	// Offer holds the terms. Its id, overrides and later rules of identity are
	// ignored; a zero Status means active and a zero Window attribution.DefaultWindow.
	attribution.Offer
	// UniqueOrders makes the offer pay an order_id only once, from the first conversion
	// on.
	UniqueOrders bool
	// AllowMissingTransactionID accepts a destination through which no transaction_id
	// comes back whole.
	AllowMissingTransactionID bool
}

// OfferChange is a change of an offer's terms; a nil field changes nothing.
type OfferChange struct {
	AdvertiserID *int64
	Name         *string
	Destination  *string
	Status       *attribution.Status
	Currency     *string
	Payout       *attribution.Money
	Revenue      *attribution.Money
	Window       *time.Duration
	// BaseWords and IgnoredParams replace the lists of attribution.Consent.
	BaseWords, IgnoredParams *[]string
	OwnAmounts               *bool
	// Ceiling replaces the offer's; one that points to nil removes it.
	Ceiling **decimal.Decimal
	// Identity takes effect for clicks from a minute ahead: see attribution.Offer.
	Identity *attribution.Identity
}

// OfferEdit is a change of an offer, including what is not part of its terms.
type OfferEdit struct {
	OfferChange
	// UniqueOrders switches unique orders on or off. Switching on reads all conversions
	// and calls Progress, which may be nil.
	UniqueOrders *bool
	Progress     ReadConversions
	// AllowMissingTransactionID is that of NewOffer.
	AllowMissingTransactionID bool
}

// OfferFilter matches offers; a zero field matches all.
type OfferFilter struct {
	Account, Advertiser int64
	Name                string // a part of the name, in upper or lower case
	Status              attribution.Status
}

// Create adds an offer to its account.
func (o Offers) Create(ctx context.Context, offer NewOffer) (Offer, Warnings, error) {
	name, unnamed := CleanName(offer.Name)
	destination, warnings, astray := readDestination(offer.Destination, offer.AllowMissingTransactionID)
	places := checkPlaces(offer.Currency, fixedAmounts(&offer.Payout, &offer.Revenue, offer.Ceiling))
	if err := errors.Join(unnamed, places, astray); err != nil {
		return Offer{}, nil, err
	}
	offer.Name, offer.Destination = name, destination
	if offer.Window == 0 {
		offer.Window = attribution.DefaultWindow
	}
	if err := o.checkWindow(ctx, offer.Window, 0); err != nil {
		return Offer{}, warnings, err
	}
	create := o.Store.CreateOffer
	if offer.UniqueOrders {
		create = o.Store.CreateUniqueOrdersOffer
	}
	created, err := create(ctx, offer.Offer)
	if err != nil {
		return Offer{}, warnings, err
	}
	warnings = append(warnings, warnOfNamesakes(ctx, o.Store, OfferObject, created.ID, created.Name)...)
	warnings = append(warnings, warnOfRefusals(created.Consent.Words)...)
	return o.shown(created), append(warnings, Losses(created.Offer)...), nil
}

// List returns the offers that match the filter, by id.
func (o Offers) List(ctx context.Context, filter OfferFilter) ([]Offer, error) {
	if err := (Named{Account: filter.Account, Advertiser: filter.Advertiser}).Check(ctx, o.Store); err != nil {
		return nil, err
	}
	stored, err := o.Store.Offers(ctx, filter.Account)
	if err != nil {
		return nil, err
	}
	offers := []Offer{}
	for _, offer := range stored {
		if contains(offer.Name, filter.Name) && (filter.Advertiser == 0 || filter.Advertiser == offer.AdvertiserID) &&
			(filter.Status == "" || filter.Status == offer.Status) {
			offers = append(offers, o.shown(offer))
		}
	}
	return offers, nil
}

// Show returns one offer.
func (o Offers) Show(ctx context.Context, account, id int64) (Offer, error) {
	offer, err := o.find(ctx, account, id)
	if err != nil {
		return Offer{}, err
	}
	return o.shown(offer), nil
}

// Check returns one offer with what is probably wrong about it.
func (o Offers) Check(ctx context.Context, account, id int64) (Offer, Warnings, error) {
	offer, err := o.find(ctx, account, id)
	if err != nil {
		return Offer{}, nil, err
	}
	shown := o.shown(offer)
	warnings := append(shown.Faults(), Losses(offer.Offer)...)
	return shown, append(warnings, warnOfRefusals(offer.Consent.Words)...), nil
}

// Edit changes an offer.
func (o Offers) Edit(ctx context.Context, account, id int64, edit OfferEdit) (Offer, Warnings, error) {
	before, err := o.find(ctx, account, id)
	if err != nil {
		return Offer{}, nil, err
	}
	warnings, err := o.change(ctx, before, edit)
	if err != nil {
		return Offer{}, warnings, err
	}
	after, err := o.Store.Offer(ctx, before.AccountID, id)
	if err != nil {
		return Offer{}, warnings, err
	}
	if edit.Name != nil {
		warnings = append(warnings, warnOfNamesakes(ctx, o.Store, OfferObject, id, after.Name)...)
	}
	return o.shown(after), append(warnings, Losses(after.Offer)...), nil
}

func (o Offers) change(ctx context.Context, before StoredOffer, edit OfferEdit) (warnings Warnings, err error) {
	change := edit.OfferChange
	places := checkEditedPlaces(before.Offer, change)
	name, unnamed := cleanChange(change.Name, CleanName)
	var astray error
	if change.Destination != nil {
		var destination string
		destination, warnings, astray = readDestination(*change.Destination, edit.AllowMissingTransactionID)
		change.Destination = &destination
	}
	if err := errors.Join(places, unnamed, astray); err != nil {
		return nil, err
	}
	change.Name = name
	if change.Window != nil {
		if err := o.checkWindow(ctx, *change.Window, before.ID); err != nil {
			return nil, err
		}
	}
	if change != (OfferChange{}) {
		if _, err := o.Store.EditOffer(ctx, before.AccountID, before.ID, change); err != nil {
			return warnings, err
		}
	}
	warnings = append(warnings, warnOfCurrency(before.Offer, change)...)
	if change.BaseWords != nil {
		warnings = append(warnings, warnOfRefusals(*change.BaseWords)...)
	}
	if edit.UniqueOrders == nil {
		return warnings, nil
	}
	return warnings, setUniqueOrders(ctx, o.Store, before.AccountID, before.ID, *edit.UniqueOrders, edit.Progress)
}

// SetTerms sets a publisher's own terms for an offer. A nil part keeps its earlier
// value, or the offer's if there was none.
func (o Offers) SetTerms(ctx context.Context, account, id, publisher int64, terms attribution.Override) (Offer, Warnings, error) {
	return o.override(ctx, account, id, func(offer StoredOffer) error {
		if err := checkPlaces(offer.Currency, overrideAmounts("", terms)); err != nil {
			return err
		}
		return o.Store.SetOverride(ctx, offer.AccountID, id, publisher, terms)
	})
}

// ClearTerms removes a publisher's own terms, so that the offer's apply again. The
// error matches ErrNotFound when there are none.
func (o Offers) ClearTerms(ctx context.Context, account, id, publisher int64) (Offer, Warnings, error) {
	return o.override(ctx, account, id, func(offer StoredOffer) error {
		return o.Store.ClearOverride(ctx, offer.AccountID, id, publisher)
	})
}

func (o Offers) override(ctx context.Context, account, id int64, do func(offer StoredOffer) error) (Offer, Warnings, error) {
	before, err := o.find(ctx, account, id)
	if err != nil {
		return Offer{}, nil, err
	}
	if err := do(before); err != nil {
		return Offer{}, nil, err
	}
	after, err := o.Store.Offer(ctx, before.AccountID, id)
	if err != nil {
		return Offer{}, nil, err
	}
	return o.shown(after), Losses(after.Offer), nil
}

// find returns an offer of an account (0: of the account that has it).
func (o Offers) find(ctx context.Context, account, id int64) (StoredOffer, error) {
	account, err := ownerOf(ctx, o.Store, OfferObject, account, id)
	if err != nil {
		return StoredOffer{}, err
	}
	return o.Store.Offer(ctx, account, id)
}

func (o Offers) checkWindow(ctx context.Context, window time.Duration, offer int64) error {
	if err := CheckWindow(window); err != nil {
		return At("window", err)
	}
	err := o.Store.CheckWindow(ctx, window, offer, o.LateClicks)
	if errors.Is(err, ErrInvalid) {
		return At("window", err)
	}
	return err
}

func (o Offers) shown(offer StoredOffer) Offer { return offer.shown(o.Links.TrackingLink(offer.ID)) }
