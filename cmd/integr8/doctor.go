package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"integr8/sql/store"
)

type doctorCommand struct{ output }

// The levels of a finding. Only what is broken makes doctor exit with 1.
const (
	levelBroken  = "broken"
	levelWarning = "warning"
)

// finding is one thing that an operator should know, with what to do.
type finding struct {
	Level string `json:"level"`
	Check string `json:"check"`
	What  string `json:"what"`
	Hint  string `json:"hint"`
	party
}

// party says whom a finding is about; 0 where it is about nobody.
type party struct {
	AccountID int64 `json:"account_id,omitempty"`
	Offer     int64 `json:"offer,omitempty"`
	Publisher int64 `json:"publisher,omitempty"`
	Token     int64 `json:"token,omitempty"`
}

// examination gathers the findings of all checks.
type examination struct {
	app      *app
	now      time.Time
	findings []finding
	// remarks are told to people and are no findings.
	remarks []string
}

func (e *examination) broken(check, what, hint string) {
	e.findings = append(e.findings, finding{Level: levelBroken, Check: check, What: e.app.hideSecrets(what), Hint: hint})
}

func (e *examination) warn(check string, who party, what, hint string) {
	e.findings = append(e.findings, finding{Level: levelWarning, Check: check, What: what, Hint: hint, party: who})
}

// failed records a check that could not be carried out.
func (e *examination) failed(check string, err error) {
	e.broken(check, oneLine(err), cmp.Or(hintOf(err, nil), "run integr8 doctor again; if it stays, the program is at fault: report this line"))
}

// Run looks at everything it can reach, and goes on where something is wrong.
func (c *doctorCommand) Run(ctx context.Context, app *app) error {
	e := &examination{app: app, now: time.Now()}
	e.settings()
	e.spools()
	if err := e.bounded(ctx, e.database); err != nil {
		return err
	}
	if err := e.bounded(ctx, e.broker); err != nil {
		return err
	}
	broken := 0
	for _, found := range e.findings {
		if found.Level == levelBroken {
			broken++
		}
	}
	findings := append([]finding{}, e.findings...)
	slices.SortStableFunc(findings, func(a, b finding) int { return brokenFirst(a) - brokenFirst(b) })
	err := c.print(app, findings, func(t *table) {
		for _, found := range findings {
			t.row(found.Level, found.Check, found.What)
			if found.Hint != "" {
				t.row("", "", "-> "+found.Hint)
			}
		}
		if len(findings) == 0 {
			t.row("Settings, database, broker and offers are as they should be.")
		}
		for _, remark := range e.remarks {
			t.row()
			t.row(remark)
		}
	})
	if err == nil && broken > 0 {
		err = withHint(fmt.Errorf("%s broken", share(int64(broken), int64(len(findings)), "finding", "is", "are")), "do what the lines with -> say, then run integr8 doctor again")
	}
	return err
}

// brokenFirst puts what is broken before the warnings, of which there can be many.
func brokenFirst(f finding) int {
	if f.Level == levelBroken {
		return 0
	}
	return 1
}

// bounded runs the checks of one server, within --timeout. Its error is that of a command that
// was interrupted, never that of a check.
func (e *examination) bounded(ctx context.Context, checks func(context.Context)) error {
	limited, cancel := e.app.limited(ctx)
	defer cancel()
	checks(limited)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("examine: %w", err)
	}
	return nil
}

func (e *examination) settings() {
	settings := e.app.settings
	if _, err := settings.keys(); err != nil {
		e.failed("settings", err)
	}
	if _, err := settings.publicURL(); err != nil {
		e.failed("settings", err)
	}
	if e.app.hasOldRetention() {
		e.warn("settings", party{}, oldRetention, oldRetentionHint)
	}
	for _, what := range e.app.unsafeWays() {
		e.warn("transport", party{}, what, transportHint)
	}
}

func (e *examination) database(ctx context.Context) {
	db, err := e.app.store()
	if err != nil {
		e.failed("settings", err)
		return
	}
	if err := db.Ping(ctx); err != nil {
		e.broken("database", oneLine(err), "is Postgres running, and does DATABASE_URL name it?")
		return
	}
	pending, err := db.Pending(ctx)
	if err != nil {
		e.failed("database", err)
		return
	}
	if pending {
		e.broken("database", "the schema is not up to date", "run integr8 migrate")
		return
	}
	e.clock(ctx, db)
	e.partitions(ctx, db)
	e.retention(ctx, db)
	e.waiting(ctx, db)
	e.deadLetters(ctx, db)
	e.reference(ctx, db)
	e.secrets(ctx, db)
	e.rotation(ctx, db)
	e.hits(ctx, db)
	e.purposes(ctx, db)
	e.conflicts(ctx, db)
	e.orders(ctx, db)
	e.filling(ctx, db)
	e.leaks(ctx, db)
}

// tolerableSkew is far below what makes a difference to any rule, and far
// above what an hour without time synchronisation costs.
const tolerableSkew = 5 * time.Second

func (e *examination) clock(ctx context.Context, db *store.Store) {
	asked := time.Now()
	now, err := db.Now(ctx)
	if err != nil {
		e.failed("clock", err)
		return
	}
	between := asked.Add(time.Since(asked) / 2)
	switch skew := now.Sub(between).Abs(); {
	case skew > stoppingSkew:
		e.broken("clock", fmt.Sprintf("this machine's clock and the database's differ by %s: a worker with such a clock drops nothing by retention", skew.Round(time.Minute)),
			"find out which of the two is wrong, and synchronise the clocks of all machines, with chrony or the like")
	case skew > tolerableSkew:
		e.warn("clock", party{}, fmt.Sprintf("this machine's clock and the database's differ by %s", skew.Round(time.Second)),
			"ids begin with the time: synchronise the clocks of all machines, with chrony or the like")
	}
}
