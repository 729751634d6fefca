package cli

import (
	"context"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
)

type conversionsCommand struct {
	listing
	rowFilter
	Method   hit.Kind  `default:"" enum:",postback,pixel,clickless" help:"Only those that a postback, a pixel or a clickless hit made."`
	Status   exactText `placeholder:"STATUS" help:"Only those with this status, such as approved."`
	Event    exactText `placeholder:"EVENT" help:"Only those of this event, such as conversion."`
	Currency exactText `placeholder:"CODE" help:"Only those in this currency."`
	OrderID  exactText `placeholder:"ID" help:"Only those with this order_id."`
}

// Run lists conversions.
func (c *conversionsCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	if err := c.check(ctx, db); err != nil {
		return err
	}
	filter := c.filter()
	filter.Kind, filter.Status, filter.Event = c.Method, string(c.Status), string(c.Event)
	filter.Currency, filter.OrderID = string(c.Currency), string(c.OrderID)
	return inv.listRows(db, conversionForm.noun, func(list search.Searches) error {
		found, err := list.Conversions(ctx, filter, c.Cursor, c.wanted())
		if err != nil {
			return withPeriodHint(err)
		}
		return writeRows(inv, &c.listing, found, conversionForm)
	})
}

var conversionForm = form[search.Conversion]{
	noun:   "conversion",
	id:     func(c *search.Conversion) uuid.UUID { return c.ID },
	header: []any{"ID", "CONVERTED", "ACCOUNT", "OFFER", "PUBLISHER", "METHOD", "STATUS", "REVENUE", "PAYOUT", "", "ORDER_ID"},
	cells: func(c *search.Conversion) []any {
		return []any{c.ID, operate.Clock(c.ConvertedAt), c.AccountID, c.OfferID, c.PublisherID, c.Method, marked(c.Status, c.Test),
			operate.Amount(c.Revenue, c.Currency), operate.Amount(c.Payout, c.Currency), c.Currency, long(dashed(orEmpty(c.OrderID)))}
	},
	csv: []csvColumn[search.Conversion]{
		{"id", func(c *search.Conversion) any { return c.ID }},
		{"account_id", func(c *search.Conversion) any { return c.AccountID }},
		{"transaction_id", func(c *search.Conversion) any { return c.TransactionID }},
		{"offer", func(c *search.Conversion) any { return c.OfferID }},
		{"publisher", func(c *search.Conversion) any { return c.PublisherID }},
		{"event", func(c *search.Conversion) any { return c.Event }},
		{"status", func(c *search.Conversion) any { return c.Status }},
		{"revenue", func(c *search.Conversion) any { return c.Revenue }},
		{"payout", func(c *search.Conversion) any { return c.Payout }},
		{"currency", func(c *search.Conversion) any { return c.Currency }},
		{"method", func(c *search.Conversion) any { return c.Method }},
		{"route", func(c *search.Conversion) any { return c.Route }},
		{"converted_at", func(c *search.Conversion) any { return c.ConvertedAt }},
		{"order_id", func(c *search.Conversion) any { return c.OrderID }},
		{"external_transaction_id", func(c *search.Conversion) any { return c.ExternalTransactionID }},
		{"sub_id", func(c *search.Conversion) any { return c.SubID }},
		{"sub_id_2", func(c *search.Conversion) any { return c.SubID2 }},
		{"sub_id_3", func(c *search.Conversion) any { return c.SubID3 }},
		{"sub_id_4", func(c *search.Conversion) any { return c.SubID4 }},
		{"sub_id_5", func(c *search.Conversion) any { return c.SubID5 }},
		{"sub_id_6", func(c *search.Conversion) any { return c.SubID6 }},
		{"adv_sub_id", func(c *search.Conversion) any { return c.AdvSubID }},
		{"adv_sub_id_2", func(c *search.Conversion) any { return c.AdvSubID2 }},
		{"adv_sub_id_3", func(c *search.Conversion) any { return c.AdvSubID3 }},
		{"adv_sub_id_4", func(c *search.Conversion) any { return c.AdvSubID4 }},
		{"conversion_ip", func(c *search.Conversion) any { return c.ConversionIP }},
		{"session_time", func(c *search.Conversion) any { return c.SessionTime }},
		{"user_agent", func(c *search.Conversion) any { return c.UserAgent }},
		{"user_email_hash", func(c *search.Conversion) any { return c.UserEmailHash }},
		{"device_id", func(c *search.Conversion) any { return c.DeviceID }},
		{"purchase_value", func(c *search.Conversion) any { return c.PurchaseValue }},
		{"clicked_at", func(c *search.Conversion) any { return c.ClickedAt }},
		{"click_ip", func(c *search.Conversion) any { return c.ClickIP }},
		{"click_user_agent", func(c *search.Conversion) any { return c.ClickUserAgent }},
		{"test", func(c *search.Conversion) any { return c.Test }},
	},
}
