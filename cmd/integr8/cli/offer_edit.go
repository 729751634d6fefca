package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
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
	others := change != (reference.OfferChange{}) || c.UniqueOrders != nil
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

func (c *offerEditCommand) change() reference.OfferChange {
	change := reference.OfferChange{
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
func (c *offerEditCommand) Run(ctx context.Context, inv *invocation) error {
	offers, err := inv.offers()
	if err != nil {
		return err
	}
	printer := printing(c.output, inv, offerSheet)
	switch {
	case c.ClearOverride:
		return printer.changed(offers.ClearTerms(ctx, c.Account, c.ID, c.Publisher))
	case c.Publisher != 0:
		return printer.changed(offers.SetTerms(ctx, c.Account, c.ID, c.Publisher,
			attribution.Override{Payout: c.Payout.money(), Revenue: c.Revenue.money()}))
	}
	read, finish := inv.readingConversions()
	offer, warnings, err := offers.Edit(ctx, c.Account, c.ID, reference.OfferEdit{
		OfferChange:               c.change(),
		UniqueOrders:              c.UniqueOrders,
		Progress:                  read,
		AllowMissingTransactionID: c.AllowMissingTransactionID,
	})
	finish()
	return printer.changed(offer, warnings, err)
}

// readingConversions draws a bar from the first call of read on. finish ends it.
func (inv *invocation) readingConversions() (read reference.ReadConversions, finish func()) {
	var bar *progress
	read = func(conversions int, of int64) {
		if bar == nil {
			bar = newProgress(inv.stderr, "reading conversions", of)
		}
		bar.add(conversions)
	}
	return read, func() {
		if bar != nil {
			bar.finish()
		}
	}
}

// checkWindow is reference.CheckWindow for the flag.
func checkWindow(window time.Duration) error {
	if err := reference.CheckWindow(window); err != nil {
		return fmt.Errorf("--window: %w", err)
	}
	return nil
}
