package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
)

type deadListCommand struct {
	output
	deadFilter
	Status  string `default:"attention" enum:"attention,open,silent,on_the_way,replayed,resolved,discarded,all" help:"attention (open and silent), open, silent (replayed over an hour ago, and nothing was heard since), on_the_way (replayed since then), replayed (both), resolved, discarded, or all."`
	Limit   *int   `placeholder:"N" help:"At most so many; 0 is all. Default 50, and all with --json."`
	Summary bool   `help:"Only count them by reason and sender."`
	// Argument only catches those who would give a token as one.
	Argument string `arg:"" optional:"" hidden:"" help:"Not taken: a token is read from standard input."`

	Groups int `default:"5" placeholder:"N" help:"How many senders are counted for each reason: tokens, advertisers, publishers and networks, so many of each; 0 for none. Default 5."`
}

// shownDeadLetters is how many a person is shown unless told otherwise.
const shownDeadLetters = 50

// Validate refuses a negative limit.
func (c *deadListCommand) Validate() error {
	switch {
	case c.Argument != "":
		return errors.New("it takes no argument: a token is read by --token from standard input, and anything else has a flag")
	case c.Limit != nil && *c.Limit < 0:
		return errors.New("--limit cannot be negative; 0 is all")
	case c.Groups < 0 || c.Groups > dead.MostGroups:
		return fmt.Errorf("--groups is from 0 to %d", dead.MostGroups)
	default:
		return nil
	}
}

// Run lists. The rows are written as they are read, however many there are.
func (c *deadListCommand) Run(ctx context.Context, inv *invocation) error {
	letters, err := inv.deadLetters()
	if err != nil {
		return err
	}
	filter, err := c.filter(ctx, inv)
	if err != nil {
		return err
	}
	if c.Status != "all" {
		filter.State = dead.State(c.Status)
	}
	reasons, total, err := letters.Summary(ctx, filter)
	if err != nil {
		return err
	}
	var grouped time.Time
	if c.Groups > 0 && total > 0 && (c.Summary || !c.JSON && !c.chosen()) {
		if grouped, err = letters.Senders(ctx, filter, reasons, c.Groups); err != nil {
			return err
		}
	}
	if c.Summary {
		return c.print(inv, reasons, func(t *table) {
			deadReasonTable(t, reasons)
			deadSenderTable(t, reasons, grouped, true)
		})
	}
	listed := letters.List(ctx, filter, c.most())
	if c.JSON {
		return writeJSONList(inv.stdout, func(write func(any) error) error {
			for letter, err := range listed {
				if err != nil {
					return err
				}
				if err := write(letter); err != nil {
					return err
				}
			}
			return nil
		})
	}
	retention, err := letters.Retention(ctx)
	if err != nil {
		return err
	}
	left, err := letters.LeftOut(ctx, filter)
	if err != nil {
		return err
	}
	var failed error
	err = c.print(inv, nil, func(t *table) {
		failed = c.table(t, listed, reasons, total, grouped)
		t.row()
		if len(left) > 0 {
			t.row(leftOutText(left))
		}
		t.row(retention)
	})
	return errors.Join(err, failed)
}

// most is how many dead letters are listed; 0 is all.
func (c *deadListCommand) most() int {
	switch {
	case c.Limit != nil:
		return *c.Limit
	case c.JSON:
		return 0
	default:
		return shownDeadLetters
	}
}

// leftOutText says how many letters are in states that the list leaves out.
func leftOutText(left []dead.StateCount) string {
	texts := make([]string, len(left))
	for i, counted := range left {
		texts[i] = fmt.Sprintf("%d %s", counted.Letters, deadStateText(counted.State))
	}
	return fmt.Sprintf("Not shown: %s. --status all shows them.", strings.Join(texts, "; "))
}

func (c *deadListCommand) table(t *table, listed iter.Seq2[dead.Listed, error], reasons []dead.ReasonCount, total int64, grouped time.Time) error {
	if total == 0 {
		t.row("No dead letters" + c.inState() + ".")
		return nil
	}
	if !c.chosen() {
		deadReasonTable(t, reasons)
		deadSenderTable(t, reasons, grouped, false)
		t.row()
	}
	t.row("RECEIPT", "DIED", "ACCOUNT", "OFFER", "KIND", "REASON", "STATUS")
	shown := int64(0)
	var failed error
	for letter, err := range listed {
		if err != nil {
			failed = err
			break
		}
		shown++
		t.row(letter.ID, operate.Clock(letter.DiedAt), accountOrDash(letter.AccountID), orDash(letter.OfferID), letter.Kind, marked(letter.Reason, letter.Test),
			long(deadStateText(letter.State)))
	}
	if shown < total {
		t.row()
		t.row(fmt.Sprintf("%d of %d %s shown. Narrow them down with --reason, --offer, --publisher, --network, --since, or show all with --limit 0.", shown, total, operate.Agreeing(shown, "is", "are")))
	}
	return failed
}

// inState completes "No dead letters".
func (c *deadListCommand) inState() string {
	switch c.Status {
	case "all":
		return ""
	case string(dead.StateAttention):
		return " need attention"
	default:
		return " are " + deadStateText(dead.State(c.Status))
	}
}

func accountOrDash(account int64) string {
	if isUnknownAccount(account) {
		return "-"
	}
	return strconv.FormatInt(account, 10)
}

// orDash shows what may be missing.
func orDash[T any](value *T) any {
	if value == nil {
		return "-"
	}
	return *value
}
