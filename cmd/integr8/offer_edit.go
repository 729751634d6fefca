package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

type offerEditCommand struct {
	output
	ofAccount
	ID           int64              `arg:"" help:"Number of the offer."`
	Advertiser   int64              `placeholder:"ID" help:"Advertiser whose offer it is."`
	Name         *string            `placeholder:"NAME" help:"The new name."`
	Destination  *string            `placeholder:"URL" help:"Where visitors are sent from now on."`
	Payout       *terms             `placeholder:"AMOUNT" help:"What the publisher earns a conversion: 2.50, or 80% of the revenue sent."`
	Revenue      *terms             `placeholder:"AMOUNT" help:"What the advertiser owes a conversion: 3.00, or 100% of the revenue sent."`
	Currency     currencyCode       `placeholder:"CODE" help:"Currency of payout and revenue. Amounts are not converted."`
	Window       *time.Duration     `placeholder:"TIME" help:"How long after its click a conversion still counts: 30d, 12h."`
	OwnAmounts   *bool              `negatable:"" help:"Let the revenue and payout of a clickless hit replace the offer's with every token; --no-own-amounts: only with one made for clickless."`
	Ceiling      *ceiling           `placeholder:"AMOUNT" help:"Largest revenue and payout of a clickless hit that count, above which the offer's terms pay; none for no ceiling."`
	ManyPerClick *bool              `negatable:"" help:"Let one click convert several times, once for each order_id; --no-many-per-click: once. For clicks from a minute ahead: earlier ones keep their rule."`
	UniqueOrders *bool              `negatable:"" help:"Pay an order_id once, whatever the way in, as soon as the command has read the earlier conversions; --no-unique-orders: no longer, but for what was clicked or received before."`
	BaseWords    *baseWords         `placeholder:"WORD,.." help:"Words that mean an approved base conversion in its senders' events and statuses, instead of those set before; \"\" for none."`
	IgnoreParams *ignoredParams     `placeholder:"NAME,.." help:"Parameters such as status or goal_id that its senders use for something else, instead of those set before; \"\" for none."`
	Status       attribution.Status `default:"" enum:",active,paused" placeholder:"active|paused" help:"paused: its links send nobody on, and nothing converts; what arrives can be replayed later."`

	Publisher     int64 `placeholder:"ID" help:"Change payout and revenue for this publisher only."`
	ClearOverride bool  `help:"Take the terms of --publisher back, so that the offer's apply again."`

	AllowMissingTransactionID bool `help:"Take a destination without {transaction_id}, or one that cannot return it whole, for offers that only convert without clicks."`
}

// Validate refuses what contradicts itself or changes nothing.
func (c *offerEditCommand) Validate() error {
	own := c.Payout != nil || c.Revenue != nil
	change := c.change()
	change.Payout, change.Revenue = nil, nil
	others := change != (store.OfferChange{}) || c.UniqueOrders != nil
	switch {
	case c.Publisher != 0 && others:
		return errors.New("--publisher takes --payout, --revenue or --clear-override only: the rest belongs to the offer")
	case c.ClearOverride && (c.Publisher == 0 || own):
		return errors.New("--clear-override needs --publisher, and neither --payout nor --revenue")
	case !own && !c.ClearOverride && !others:
		return errNothingToChange
	case c.Window != nil:
		return checkWindow(*c.Window)
	}
	return nil
}

func (c *offerEditCommand) change() store.OfferChange {
	change := store.OfferChange{
		AdvertiserID: given(c.Advertiser),
		Name:         c.Name,
		Destination:  c.Destination,
		Status:       given(c.Status),
		Currency:     given(string(c.Currency)),
		Payout:       c.Payout.money(),
		Revenue:      c.Revenue.money(),
		Window:       c.Window,
		OwnAmounts:   c.OwnAmounts,

		BaseWords:     c.BaseWords.list(),
		IgnoredParams: c.IgnoreParams.list(),
	}
	if c.Ceiling != nil {
		change.Ceiling = new(c.Ceiling.amount())
	}
	if c.ManyPerClick != nil {
		change.Identity = &attribution.Identity{ManyPerClick: *c.ManyPerClick}
	}
	return change
}

// Run changes an offer.
func (c *offerEditCommand) Run(ctx context.Context, app *app) error {
	base, err := app.settings.publicURL()
	if err != nil {
		return err
	}
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.OfferObject, c.ID)
	if err != nil {
		return err
	}
	if err := c.checkEditedPlaces(ctx, db, account); err != nil {
		return err
	}
	switch {
	case c.ClearOverride:
		err = db.ClearOverride(ctx, account, c.ID, c.Publisher)
	case c.Publisher != 0:
		err = db.SetOverride(ctx, account, c.ID, c.Publisher,
			attribution.Override{Payout: c.Payout.money(), Revenue: c.Revenue.money()})
	default:
		err = c.edit(ctx, app, db, account)
	}
	if err != nil {
		return err
	}
	offer, err := db.Offer(ctx, account, c.ID)
	if err != nil {
		return err
	}
	if c.Name != nil {
		app.warnOfNamesakes(ctx, db, store.OfferObject, offer.ID, offer.Name)
	}
	app.warnOfLoss(offer)
	return app.printOffer(c.output, offer, base)
}

func (c *offerEditCommand) edit(ctx context.Context, app *app, db *store.Store, account int64) error {
	change := c.change()
	if change.Window != nil {
		if err := db.CheckWindow(ctx, *change.Window, c.ID, app.settings.LateClicks); err != nil {
			return err
		}
	}
	if change.Destination != nil {
		destination, err := app.checkDestination(*change.Destination, c.AllowMissingTransactionID)
		if err != nil {
			return err
		}
		change.Destination = &destination
	}
	if change != (store.OfferChange{}) {
		if _, err := db.EditOffer(ctx, account, c.ID, change); err != nil {
			return err
		}
	}
	if c.UniqueOrders == nil {
		return nil
	}
	return app.setUniqueOrders(ctx, db, account, c.ID, *c.UniqueOrders)
}

// setUniqueOrders switches unique orders on or off. Switching on reads all
// conversions, of which a person is told; when it fails, it can be run again.
func (a *app) setUniqueOrders(ctx context.Context, db *store.Store, account, offer int64, on bool) error {
	var shown *progress
	err := db.SetUniqueOrders(ctx, account, offer, on, func(read int, of int64) {
		if shown == nil {
			shown = newProgress(a.stderr, "reading conversions", of)
		}
		shown.add(read)
	})
	if shown != nil {
		shown.finish()
	}
	if err != nil && on {
		return fmt.Errorf("%w: orders are not unique yet: run the command again", err)
	}
	return err
}

// checkWindow refuses windows that are no whole seconds, which is how they
// are stored.
func checkWindow(window time.Duration) error {
	if window < time.Second || window%time.Second != 0 {
		return fmt.Errorf("--window: %s is not a whole number of seconds, from 1s up", window)
	}
	return nil
}

// warnOfLoss tells when a conversion costs more than it brings. That can be
// meant, but rarely is.
func (a *app) warnOfLoss(offer store.Offer) {
	for _, loss := range lossesOf(offer.Offer) {
		a.warn("%s", loss)
	}
}

// lossesOf names the terms of an offer under which a conversion costs more than it
// brings. A percentage and a fixed amount cannot be compared.
func lossesOf(offer attribution.Offer) []string {
	var found []string
	check := func(whose string, payout, revenue attribution.Money) {
		if payout.Percent == revenue.Percent && payout.Amount.GreaterThan(revenue.Amount) {
			found = append(found, fmt.Sprintf("%s payout %s is more than the revenue %s", whose, writeTerms(payout), writeTerms(revenue)))
		}
	}
	check("the offer's", offer.Payout, offer.Revenue)
	for _, publisher := range slices.Sorted(maps.Keys(offer.Overrides)) {
		payout, revenue := offer.TermsFor(publisher)
		check(fmt.Sprintf("publisher %d's", publisher), payout, revenue)
	}
	return found
}
