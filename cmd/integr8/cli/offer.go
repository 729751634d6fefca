package cli

import (
	"context"
	"time"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
)

type offerCommand struct {
	Create offerCreateCommand `cmd:"" help:"Create an offer."`
	List   offerListCommand   `cmd:"" help:"List an account's offers."`
	Show   offerShowCommand   `cmd:"" help:"Show one offer with its tracking link."`
	Edit   offerEditCommand   `cmd:"" help:"Change an offer, or the terms of one publisher for it."`
}

// offers needs the base of the links, so that nothing is created that cannot be printed.
func (inv *invocation) offers() (reference.Offers, error) {
	base, err := inv.settings.publicURL()
	if err != nil {
		return reference.Offers{}, err
	}
	db, err := inv.store()
	return reference.Offers{Store: db, Links: links.Base{URL: base}, LateClicks: inv.settings.LateClicks}, err
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
func (c *offerCreateCommand) Run(ctx context.Context, inv *invocation) error {
	offers, err := inv.offers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, offerSheet).changed(offers.Create(ctx, c.offer()))
}

func (c *offerCreateCommand) offer() reference.NewOffer {
	return reference.NewOffer{
		Offer: attribution.Offer{
			AccountID:    c.Account,
			AdvertiserID: c.Advertiser,
			Name:         c.Name,
			Destination:  c.Destination,
			Status:       c.Status,
			Currency:     string(c.Currency),
			Payout:       c.Payout.Money,
			Revenue:      c.Revenue.Money,
			Window:       c.Window,
			OwnAmounts:   c.OwnAmounts,
			Ceiling:      c.Ceiling.amount(),
			Identity:     attribution.Identity{ManyPerClick: c.ManyPerClick},
			Consent:      attribution.Consent{Words: c.BaseWords, Ignored: c.IgnoreParams},
		},
		UniqueOrders:              c.UniqueOrders,
		AllowMissingTransactionID: c.AllowMissingTransactionID,
	}
}

type offerListCommand struct {
	output
	ofAccounts
	byName
	Advertiser int64              `placeholder:"ID" help:"Only those of this advertiser."`
	Status     attribution.Status `default:"" enum:",active,paused" placeholder:"active|paused" help:"Only those that are active, or paused."`
}

// Run lists the offers.
func (c *offerListCommand) Run(ctx context.Context, inv *invocation) error {
	offers, err := inv.offers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, offerTable).list(offers.List(ctx,
		reference.OfferFilter{Account: c.Account, Advertiser: c.Advertiser, Name: string(c.Name), Status: c.Status}))
}

type offerShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the offer."`
}

// Run shows an offer.
func (c *offerShowCommand) Run(ctx context.Context, inv *invocation) error {
	offers, err := inv.offers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, offerSheet).one(offers.Show(ctx, c.Account, c.ID))
}
