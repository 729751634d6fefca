package main

import (
	"context"
	"time"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

type offerCommand struct {
	Create offerCreateCommand `cmd:"" help:"Create an offer."`
	List   offerListCommand   `cmd:"" help:"List an account's offers."`
	Show   offerShowCommand   `cmd:"" help:"Show one offer with its tracking link."`
	Edit   offerEditCommand   `cmd:"" help:"Change an offer, or the terms of one publisher for it."`
}

type offerCreateCommand struct {
	output
	Account      int64              `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Advertiser   int64              `required:"" placeholder:"ID" help:"Advertiser whose offer it is."`
	Name         string             `required:"" placeholder:"NAME" help:"Name of the offer, for people."`
	Destination  string             `required:"" placeholder:"URL" help:"Where visitors are sent, with macros such as {transaction_id}, {publisher} or {sub_id}."`
	Payout       terms              `required:"" placeholder:"AMOUNT" help:"What the publisher earns a conversion: 2.50, or 80% of the revenue sent."`
	Revenue      terms              `required:"" placeholder:"AMOUNT" help:"What the advertiser owes a conversion: 3.00, or 100% of the revenue sent."`
	Currency     currencyCode       `required:"" placeholder:"CODE" help:"Currency of payout and revenue, such as USD (ISO 4217)."`
	Window       time.Duration      `default:"30d" help:"How long after its click a conversion still counts: 30d, 12h."`
	OwnAmounts   bool               `help:"Let the revenue and payout of a clickless hit replace the offer's with every token, and not only with one made for clickless."`
	Ceiling      *ceiling           `placeholder:"AMOUNT" help:"Largest revenue and payout of a clickless hit that count; above it the offer's terms pay."`
	ManyPerClick bool               `help:"Let one click convert several times, once for each order_id, which is then required."`
	UniqueOrders bool               `help:"Pay an order_id once, whatever the way in, the click and the publisher. Hits without one convert as before."`
	BaseWords    baseWords          `placeholder:"WORD,.." help:"Words that mean an approved base conversion in its senders' events and statuses, beside approved, sale, lead and the like."`
	IgnoreParams ignoredParams      `placeholder:"NAME,.." help:"Parameters such as status or goal_id that its senders use for something else: what they say is of no account."`
	Status       attribution.Status `default:"active" enum:"active,paused" help:"active or paused."`

	AllowMissingTransactionID bool `help:"Take a destination without {transaction_id}, or one that cannot return it whole, for offers that only convert without clicks."`
}

// Validate refuses a window that would take no conversion.
func (c *offerCreateCommand) Validate() error { return checkWindow(c.Window) }

// Run creates an offer.
func (c *offerCreateCommand) Run(ctx context.Context, app *app) error {
	base, err := app.settings.publicURL()
	if err != nil {
		return err
	}
	db, err := app.store()
	if err != nil {
		return err
	}
	if err := checkPlaces(string(c.Currency), fixedAmounts(&c.Payout.Money, &c.Revenue.Money, c.Ceiling.amount())); err != nil {
		return err
	}
	destination, err := app.checkDestination(c.Destination, c.AllowMissingTransactionID)
	if err != nil {
		return err
	}
	if err := db.CheckWindow(ctx, c.Window, 0, app.settings.LateClicks); err != nil {
		return err
	}
	create := db.CreateOffer
	if c.UniqueOrders {
		create = db.CreateUniqueOrdersOffer
	}
	offer, err := create(ctx, attribution.Offer{
		AccountID:    c.Account,
		AdvertiserID: c.Advertiser,
		Name:         c.Name,
		Destination:  destination,
		Status:       c.Status,
		Currency:     string(c.Currency),
		Payout:       c.Payout.Money,
		Revenue:      c.Revenue.Money,
		Window:       c.Window,
		OwnAmounts:   c.OwnAmounts,
		Ceiling:      c.Ceiling.amount(),
		Identity:     attribution.Identity{ManyPerClick: c.ManyPerClick},
		Consent:      attribution.Consent{Words: c.BaseWords, Ignored: c.IgnoreParams},
	})
	if err != nil {
		return err
	}
	app.warnOfNamesakes(ctx, db, store.OfferObject, offer.ID, offer.Name)
	app.warnOfLoss(offer)
	return app.printOffer(c.output, offer, base)
}

type offerListCommand struct {
	output
	ofAccounts
	byName
	Advertiser int64              `placeholder:"ID" help:"Only those of this advertiser."`
	Status     attribution.Status `default:"" enum:",active,paused" placeholder:"active|paused" help:"Only those that are active, or paused."`
}

// Run lists the offers.
func (c *offerListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	if err := (named{account: c.Account, advertiser: c.Advertiser}).check(ctx, db); err != nil {
		return err
	}
	offers, err := db.Offers(ctx, c.Account)
	if err != nil {
		return err
	}
	offers = only(offers, func(offer store.Offer) bool {
		return c.Name.in(offer.Name) && (c.Advertiser == 0 || c.Advertiser == offer.AdvertiserID) && (c.Status == "" || c.Status == offer.Status)
	})
	base, err := app.settings.publicURL()
	if err != nil {
		return err
	}
	views := []offerView{}
	for _, offer := range offers {
		views = append(views, viewOffer(offer, base))
	}
	return c.print(app, views, func(t *table) {
		t.row("ID", "ACCOUNT", "ADVERTISER", "NAME", "STATUS", "PAYOUT", "REVENUE", "CURRENCY", "WINDOW", "ORDERS", "OVERRIDES", "DESTINATION")
		for _, view := range views {
			t.row(view.ID, view.AccountID, view.Advertiser, long(view.Name), view.Status, view.Payout, view.Revenue, view.Currency,
				view.Window, view.orders(), len(view.Overrides), long(view.Destination))
		}
	})
}

type offerShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the offer."`
}

// Run shows an offer.
func (c *offerShowCommand) Run(ctx context.Context, app *app) error {
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
	offer, err := db.Offer(ctx, account, c.ID)
	if err != nil {
		return err
	}
	return app.printOffer(c.output, offer, base)
}
