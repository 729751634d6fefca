package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"integr8/sql/store"
)

type deadListCommand struct {
	output
	deadFilter
	Status  string `default:"open" enum:"open,replayed,resolved,discarded,all" help:"open, replayed, resolved, discarded or all."`
	Limit   *int   `placeholder:"N" help:"At most so many; 0 is all. Default 50, and all with --json."`
	Summary bool   `help:"Only count them by reason."`
}

// deadPage is how many dead letters are read at once.
const deadPage = 512

// shownDeadLetters is how many a person is shown unless told otherwise.
const shownDeadLetters = 50

// Validate refuses a negative limit.
func (c *deadListCommand) Validate() error {
	if c.Limit != nil && *c.Limit < 0 {
		return errors.New("--limit cannot be negative; 0 is all")
	}
	return nil
}

// Run lists. The rows are written as they are read, however many there are.
func (c *deadListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	filter := c.forStore()
	if c.Status != "all" {
		filter.Status = store.DeadStatus(c.Status)
	}
	counted, err := db.DeadReasons(ctx, filter)
	if err != nil {
		return err
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		return err
	}
	reasons, total := viewDeadReasons(counted)
	if err := c.check(ctx, db, total); err != nil {
		return err
	}
	if c.Summary {
		return c.print(app, reasons, func(t *table) { deadReasonTable(t, reasons) })
	}
	limit := shownDeadLetters
	switch {
	case c.Limit != nil:
		limit = *c.Limit
	case c.JSON:
		limit = 0
	}
	if c.JSON {
		return writeJSONList(app.stdout, func(write func(any) error) error {
			return eachDeadLetter(ctx, db, filter, limit, func(letter store.DeadLetter) error {
				return write(viewDead(letter, retention))
			})
		})
	}
	var failed error
	err = c.print(app, nil, func(t *table) {
		failed = c.table(ctx, db, filter, limit, reasons, total, t)
		t.row()
		t.row(deadRetention(retention))
	})
	return errors.Join(err, failed)
}

func (c *deadListCommand) table(ctx context.Context, db *store.Store, filter store.DeadFilter, limit int,
	reasons []deadReasonView, total int64, t *table,
) error {
	if total == 0 {
		t.row("No dead letters.")
		return nil
	}
	if !c.chosen() {
		deadReasonTable(t, reasons)
		t.row()
	}
	t.row("RECEIPT", "DIED", "ACCOUNT", "OFFER", "KIND", "OUTCOME", "REASON", "TRANSACTION_ID", "STATUS")
	shown := int64(0)
	err := eachDeadLetter(ctx, db, filter, limit, func(letter store.DeadLetter) error {
		shown++
		t.row(letter.ID, clock(letter.DiedAt), accountOrDash(letter.AccountID), orDash(letter.OfferID), letter.Kind, letter.Outcome,
			letter.Reason, orDash(letter.TransactionID), letter.Status)
		return nil
	})
	if shown < total {
		t.row()
		t.row(fmt.Sprintf("%d of %d are shown. Narrow them down with --reason, --offer, --account, --since, or show all with --limit 0.", shown, total))
	}
	return err
}

func accountOrDash(account int64) string {
	if isUnknownAccount(account) {
		return "-"
	}
	return strconv.FormatInt(account, 10)
}

// eachDeadLetter hands over at most limit dead letters (0: all), the newest
// first.
func eachDeadLetter(ctx context.Context, db *store.Store, filter store.DeadFilter, limit int, do func(store.DeadLetter) error) error {
	var after *store.DeadLetter
	for read := 0; limit == 0 || read < limit; {
		size := deadPage
		if limit > 0 {
			size = min(size, limit-read)
		}
		page, err := db.DeadLetters(ctx, filter, store.NewestDeath, after, size)
		if err != nil {
			return err
		}
		for _, letter := range page {
			if err := do(letter); err != nil {
				return err
			}
		}
		if len(page) < size {
			return nil
		}
		read += len(page)
		after = &page[len(page)-1]
	}
	return nil
}

// orDash shows what may be missing.
func orDash[T any](value *T) any {
	if value == nil {
		return "-"
	}
	return *value
}
