package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"integr8/sql/store"
)

type deadListCommand struct {
	output
	deadFilter
	Status  string `default:"attention" enum:"attention,open,silent,on_the_way,replayed,resolved,discarded,all" help:"attention (open and silent), open, silent (replayed over an hour ago, and nothing was heard since), on_the_way (replayed since then), replayed (both), resolved, discarded, or all."`
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
		filter.State = store.DeadState(c.Status)
	}
	counted, err := db.DeadReasons(ctx, filter)
	if err != nil {
		return err
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		return err
	}
	states, err := c.notShown(ctx, db, filter)
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
		if states != "" {
			t.row(states)
		}
		t.row(deadRetention(retention))
	})
	return errors.Join(err, failed)
}

// notShown says how many of the letters that are chosen otherwise are in states
// that the list leaves out; empty where there are none, or where only JSON is
// written.
func (c *deadListCommand) notShown(ctx context.Context, db *store.Store, filter store.DeadFilter) (string, error) {
	if c.JSON || filter.State == "" {
		return "", nil
	}
	shown := filter.State.States()
	filter.State = ""
	counts, err := db.CountDeadStates(ctx, filter)
	if err != nil {
		return "", err
	}
	var left []string
	for _, state := range store.DeadStates() {
		for _, counted := range counts {
			if counted.State == state && !slices.Contains(shown, state) {
				left = append(left, fmt.Sprintf("%d %s", counted.Letters, deadStateText(state)))
			}
		}
	}
	if len(left) == 0 {
		return "", nil
	}
	return fmt.Sprintf("Not shown: %s. --status all shows them.", strings.Join(left, "; ")), nil
}

func (c *deadListCommand) table(ctx context.Context, db *store.Store, filter store.DeadFilter, limit int,
	reasons []deadReasonView, total int64, t *table,
) error {
	if total == 0 {
		t.row("No dead letters" + c.inState() + ".")
		return nil
	}
	if !c.chosen() {
		deadReasonTable(t, reasons)
		t.row()
	}
	t.row("RECEIPT", "DIED", "ACCOUNT", "OFFER", "KIND", "REASON", "STATUS")
	shown := int64(0)
	err := eachDeadLetter(ctx, db, filter, limit, func(letter store.DeadLetter) error {
		shown++
		t.row(letter.ID, clock(letter.DiedAt), accountOrDash(letter.AccountID), orDash(letter.OfferID), letter.Kind, letter.Reason,
			long(deadStateText(letter.State)))
		return nil
	})
	if shown < total {
		t.row()
		t.row(fmt.Sprintf("%d of %d are shown. Narrow them down with --reason, --offer, --account, --since, or show all with --limit 0.", shown, total))
	}
	return err
}

// inState completes "No dead letters".
func (c *deadListCommand) inState() string {
	switch c.Status {
	case "all":
		return ""
	case string(store.StateAttention):
		return " need attention"
	default:
		return " are " + deadStateText(store.DeadState(c.Status))
	}
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
