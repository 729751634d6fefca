package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/rollup"
	"integr8/pipeline/failure"
)

type rollupCommand struct {
	Check   rollupCheckCommand   `cmd:"" help:"Compare roll-ups with the rows that they count, to the cent; exit 1 if one differs."`
	Rebuild rollupRebuildCommand `cmd:"" help:"Count roll-ups anew from the rows, while hits go on being written: those of before the upgrade that made roll-ups, or those of a period."`
}

// rollupPeriod is embedded in both.
type rollupPeriod struct {
	output
	Since moment `placeholder:"TIME" help:"Begin of the period: a day, a time (RFC 3339), or how long ago (7d)."`
	Until moment `placeholder:"TIME" help:"End of the period; a day is included whole."`
}

func (inv *invocation) rollups() (rollup.Rollups, error) {
	db, err := inv.store()
	return rollup.Rollups{Store: db}, err
}

// follow returns what draws the progress of a step, and what ends it.
func (inv *invocation) follow(step string) (progress rollup.Progress, finish func()) {
	bars := &progressBars{out: inv.stderr}
	return func(done, total int64) { bars.draw(step, done, total) }, bars.finish
}

type rollupCheckCommand struct{ rollupPeriod }

// Run compares. Without a period it takes the last day.
func (c *rollupCheckCommand) Run(ctx context.Context, inv *invocation) error {
	rollups, err := inv.rollups()
	if err != nil {
		return err
	}
	progress, finish := inv.follow("quarter hours compared")
	checked, err := rollups.Check(ctx, c.Since.Time, c.Until.end(), progress)
	finish()
	if err != nil {
		return sinceUntil(err)
	}
	if err := c.print(inv, checked, func(t *table) { checkedTable(t, checked) }); err != nil || checked.Total == 0 {
		return err
	}
	return failure.WithHint(fmt.Errorf("%s from the rows", operate.Count(checked.Total, "sum of the roll-ups", "differs", "differ")),
		"integr8 rollup rebuild --since TIME counts them anew")
}

func checkedTable(t *table, checked rollup.Checked) {
	rollupPeriodRow(t, checked.Period)
	if checked.Total == 0 {
		t.row("The roll-ups equal the rows.")
		return
	}
	t.row("What the rows have more than the roll-ups, or less:")
	t.row("QUARTER HOUR", "ACCOUNT", "OFFER", "PUBLISHER", "KIND", "OUTCOME", "REASON", "HITS", "BOTS", "REVENUE", "PAYOUT", "CURRENCY")
	for _, d := range checked.Differences {
		begins, offer, publisher := operate.Clock(d.Begins), fmt.Sprint(d.OfferID), fmt.Sprint(d.PublisherID)
		if d.Grain&2 == 0 {
			offer = "(all)"
		}
		if d.Grain&1 == 0 {
			publisher = "(all)"
		}
		if d.Grain == rollup.OfDay {
			begins = d.Begins.Format(time.DateOnly) + " (by month)"
		}
		t.row(begins, d.AccountID, offer, publisher, d.Kind, d.Outcome, textOrDash(d.Reason),
			d.Hits, d.Bots, operate.Amount(d.Revenue, d.Currency), operate.Amount(d.Payout, d.Currency), textOrDash(d.Currency))
	}
	if more := checked.Total - len(checked.Differences); more > 0 {
		t.row(fmt.Sprintf("and %d more", more))
	}
}

func rollupPeriodRow(t *table, p rollup.Period) {
	t.row(fmt.Sprintf("%s to %s UTC", operate.Clock(p.From), operate.Clock(p.To)))
	if len(p.Skipped) > 0 {
		t.row("Without days whose rows retention has dropped: " + strings.Join(p.Skipped, ", "))
	}
}

type rollupRebuildCommand struct{ rollupPeriod }

// Run counts anew. Without a period it counts what is older than the roll-ups.
func (c *rollupRebuildCommand) Run(ctx context.Context, inv *invocation) error {
	rollups, err := inv.rollups()
	if err != nil {
		return err
	}
	progress, finish := inv.follow("quarter hours counted")
	rebuilt, err := rollups.Rebuild(ctx, c.Since.Time, c.Until.end(), progress)
	finish()
	if errors.Is(err, rollup.ErrBusy) {
		return failure.WithHint(err, "wait until it is done, and run this again")
	}
	if err != nil {
		return sinceUntil(err)
	}
	return c.print(inv, rebuilt, func(t *table) {
		rollupPeriodRow(t, rebuilt.Period)
		t.row(operate.Count(rebuilt.Corrected, "sum", "was corrected.", "were corrected."))
	})
}

func sinceUntil(err error) error {
	if errors.Is(err, report.ErrPeriod) {
		return failure.WithHint(err, "--since must be earlier than --until")
	}
	return err
}

func textOrDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
