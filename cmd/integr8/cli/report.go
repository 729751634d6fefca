package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"

	"integr8/handlers/operate/report"
	"integr8/pipeline/failure"
)

type reportCommand struct {
	output
	Account   int64     `placeholder:"ID" help:"Only this account."`
	Offer     int64     `placeholder:"ID" help:"Only this offer."`
	Publisher int64     `placeholder:"ID" help:"Only this publisher."`
	From      moment    `placeholder:"TIME" help:"Begin of the period: a day, a time (RFC 3339), or how long ago (7d). Default 30 days ago."`
	To        moment    `placeholder:"TIME" help:"End of the period; a day is included whole. Default now."`
	By        breakdown `default:"offer" placeholder:"WHAT" help:"A line for each offer, publisher, advertiser, day, hour, reason or sub_id, or for each pair of two: day,publisher. RATE leaves conversions without a click out of account. A sub_id is counted from rows, of at most 10 million clicks."`
	TZ        zone      `name:"tz" placeholder:"ZONE" help:"Time zone of days and hours, and of days in --from and --to, such as Asia/Kolkata. Default that of the account, where the report is of one, else UTC."`
	CSV       bool      `name:"csv" help:"Answer as CSV: a line for each currency, amounts in full."`
	Conflicts bool      `xor:"kind" help:"List the offers for which the global and the offer-level postback are mixed."`
	Orders    bool      `xor:"kind" help:"List the order ids for which an offer paid more than once within the period, with the amount."`
	Reasons   bool      `xor:"kind" help:"Count the hits that were rejected, unmatched or failed, by reason."`
}

// Validate refuses a form that lists lack.
func (c *reportCommand) Validate() error {
	if c.CSV && (c.JSON || c.Conflicts || c.Orders || c.Reasons) {
		return errors.New("--csv is for the counts alone: leave out --json, --conflicts, --orders and --reasons")
	}
	return nil
}

// Run reports.
func (c *reportCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	reports := report.Reports{Store: db}
	filter := report.Filter{AccountID: c.Account, OfferID: c.Offer, PublisherID: c.Publisher}
	if filter.Zone, err = reports.Zone(ctx, filter, c.TZ.name); err != nil {
		return err
	}
	filter.From, filter.To = c.From.in(filter.Zone).Time, c.To.in(filter.Zone).end()
	err = c.report(ctx, inv, reports, filter)
	if errors.Is(err, report.ErrPeriod) {
		return failure.WithHint(err, "--from must be earlier than --to")
	}
	return err
}

func (c *reportCommand) report(ctx context.Context, inv *invocation, reports report.Reports, filter report.Filter) error {
	switch {
	case c.Conflicts:
		found, err := reports.Conflicts(ctx, filter)
		if err != nil {
			return err
		}
		return c.print(inv, found.Conflicts, func(t *table) { conflictTable(t, found) })
	case c.Orders:
		found, err := reports.Orders(ctx, filter)
		if err != nil {
			return err
		}
		return c.print(inv, found, func(t *table) { orderTable(t, found) })
	case c.Reasons:
		found, err := reports.Reasons(ctx, filter)
		if err != nil {
			return err
		}
		return c.print(inv, found.Reasons, func(t *table) { reasonTable(t, found) })
	default:
		found, err := reports.Count(ctx, filter, report.By(c.By))
		if err != nil {
			return err
		}
		if c.CSV {
			if err := csv.NewWriter(inv.stdout).WriteAll(found.CSV()); err != nil {
				return fmt.Errorf("write CSV: %w", err)
			}
			return nil
		}
		return c.print(inv, found, func(t *table) { reportTable(t, found) })
	}
}
