package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/audit"
)

type auditCommand struct {
	output
	Since moment        `placeholder:"TIME" help:"Only what was promised since: a day, a time (RFC 3339), or how long ago (24h). Default all that is known."`
	Grace time.Duration `default:"30s" range:"100ms..1h" help:"How long after a later statement has passed its queue a hit may still be with a worker: longer than the broker takes to notice that one has died."`
	Rows  bool          `help:"Compare with the rows of hits and conversions too: finds rows that were deleted or doubled, and takes as long as it takes to read all rows."`
}

// Run compares what receivers promised with what is settled.
func (c *auditCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	watcher, err := inv.watcher()
	if err != nil {
		return err
	}
	// The look has the time of --timeout for itself: a broker that hangs leaves the
	// database its own.
	view, unasked := watcher.Look(ctx)
	balance, err := c.balance(ctx, inv, audit.Audits{Store: db, Queues: audit.Looked{View: view, Err: unasked}, Grace: c.Grace})
	if err != nil {
		return err
	}
	if c.Rows {
		rows, err := c.compare(ctx, inv, db)
		if err != nil {
			return err
		}
		balance.Rows = &rows
	}
	if err := c.print(inv, balance, func(t *table) { balanceTable(t, balance) }); err != nil {
		return err
	}
	if balance.Unasked != "" {
		inv.warn("the broker could not be asked, so that hits may be in a queue which are not in the database: %s", inv.hideSecrets(balance.Unasked))
	}
	return balance.Err()
}

func (c *auditCommand) balance(ctx context.Context, inv *invocation, audits audit.Audits) (audit.Balance, error) {
	ctx, cancel := inv.limited(ctx)
	defer cancel()
	return audits.Balance(ctx, c.Since.Time)
}

// compare reads all rows, and shows how far it has come.
func (c *auditCommand) compare(ctx context.Context, inv *invocation, db audit.Rows) (audit.Comparison, error) {
	const whole = 1000
	shown, done := newProgress(inv.stderr, "comparing rows, of 1000 parts", whole), 0
	defer shown.finish()
	return audit.Compare(ctx, db, c.Since.Time, func(share float64) {
		now := int(share * whole)
		shown.add(now - done)
		done = now
	})
}

func balanceTable(t *table, b audit.Balance) {
	t.row("PROMISED", "SETTLED", "ON THE WAY", "UNACCOUNTED", "PROVED UNTIL")
	t.row(b.Promised, b.Settled, b.OnTheWay, b.Unaccounted, timeText(b.ProvedUntil))
	if b.OnTheWay > 0 {
		t.row()
		t.row(fmt.Sprintf("On the way: %d in queues, %d failed and to be tried again or with a worker, %d in spools, %d postbacks wait for their click.",
			b.Places.Queue, b.Places.Retry, b.Places.Spool, b.Places.Waiting))
	}
	if b.Unproved > 0 {
		t.row()
		t.row(fmt.Sprintf("Unproved: %d hits which receivers took in the second before they died, and of which nothing is recorded. They may have died before they answered.", b.Unproved))
	}
	if len(b.Queues) > 0 {
		t.row()
		t.row("QUEUE", "BEHIND")
	}
	for _, lag := range b.Queues {
		t.row(lag.Queue, seconds(lag.LagSeconds))
	}
	if len(b.Receivers) > 0 {
		t.row()
		t.row("RECEIVER", "SINCE", "QUEUE", "STATE", "PROMISED", "SETTLED", "ON THE WAY", "UNACCOUNTED", "PROVED UNTIL")
	}
	for _, r := range b.Receivers {
		t.row(long(r.Receiver), operate.Clock(r.BeganAt), r.Queue, r.State, r.Promised, r.Settled, r.OnTheWay, r.Unaccounted, timeText(r.ProvedUntil))
	}
	if len(b.Missing) > 0 {
		t.row()
		t.row("UNACCOUNTED", "HITS", "QUEUE", "OF RECEIVER", "PROMISED AFTER", "AND BEFORE")
	}
	for _, m := range b.Missing {
		t.row(fmt.Sprintf("%d to %d", m.First, m.Last), m.Hits, m.Queue, long(m.Receiver), timeText(m.PromisedAfter), timeText(m.PromisedBefore))
	}
	if b.Rows != nil {
		comparisonRows(t, *b.Rows)
	}
}

func comparisonRows(t *table, c audit.Comparison) {
	t.row()
	t.row("ROWS", "SINCE", "DELETED", "DOUBLED", "WITHOUT CONVERSION", "WITHOUT HIT")
	t.row(c.Rows, operate.Clock(c.Since), c.Deleted, c.Doubled, c.WithoutConversion, c.WithoutHit)
	for _, d := range c.Differences {
		switch {
		case d.What == audit.Deleted:
			t.row(fmt.Sprintf("%s: numbers %d to %d of %s, promised after %s and before %s", d.What, d.First, d.Last, d.Queue,
				timeText(d.PromisedAfter), timeText(d.PromisedBefore)))
		default:
			t.row(fmt.Sprintf("%s: integr8 trace %s", strings.ReplaceAll(d.What, "_", " "), d.Receipt))
		}
	}
}

func seconds(n float64) string {
	return (time.Duration(n * float64(time.Second))).Round(time.Second).String()
}

// timeText is a time, or - for none.
func timeText(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return operate.Clock(*at)
}
