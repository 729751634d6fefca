package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
)

type historyCommand struct {
	output
	ofAccounts
	Noun   history.Noun   `default:"" enum:",account,advertiser,publisher,offer,domain,token,key,user,dead,job,queue,retention,secret,alert,webhook" placeholder:"NOUN" help:"Only changes of account, advertiser, publisher, offer, domain, token, key, user, dead (acts on dead letters), job, queue, retention, secret, alert (rules of alerts) or webhook."`
	ID     exactText      `name:"id" placeholder:"ID" help:"With --noun: only changes of this one, by its number; of a secret by its fingerprint, and of dead by the act."`
	By     textLike       `placeholder:"TEXT" help:"Only changes by those with this text in their name, in either case; with = before it, by the one of exactly this name."`
	Since  moment         `placeholder:"TIME" help:"Only changes since: how long ago (24h, 7d), a day, or a time (RFC 3339)."`
	Until  moment         `placeholder:"TIME" help:"Only changes until then."`
	Limit  *int           `placeholder:"N" help:"At most so many; 0 is all. Default 50, and all with --json."`
	Cursor history.Cursor `placeholder:"CURSOR" help:"Go on where a list ended that printed this cursor."`
}

// Validate refuses what chooses nothing.
func (c *historyCommand) Validate() error {
	switch {
	case c.ID != "" && c.Noun == "":
		return errors.New("--id needs --noun: numbers of offers, tokens and others are counted apart")
	case c.Limit != nil && *c.Limit < 0:
		return errors.New("--limit cannot be negative; 0 is all")
	default:
		return nil
	}
}

func (c *historyCommand) filter() history.Filter {
	filter := history.Filter{Account: c.Account, Noun: c.Noun, ObjectID: string(c.ID), By: string(c.By), Since: c.Since.Time, Until: c.Until.Time}
	if c.Until.day {
		filter.Until = c.Until.end().Add(-time.Microsecond) // Until is inclusive, to Postgres's precision
	}
	return filter
}

// most is how many changes are listed; 0 is all.
func (c *historyCommand) most() int {
	switch {
	case c.Limit != nil:
		return *c.Limit
	case c.JSON:
		return 0
	default:
		return shownRows
	}
}

// Run lists changes, the newest first, as they are read.
func (c *historyCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	most, wanted := c.most(), 0
	if most > 0 {
		wanted = most + 1 // one more shows that there is one
	}
	listed, last, more := 0, history.Cursor{}, false
	loop := func(write func(history.Entry) error) error {
		for entry, err := range (history.Histories{Store: db}).List(ctx, c.filter(), c.Cursor, wanted) {
			if err != nil {
				return err
			}
			if more = most > 0 && listed == most; more {
				return nil
			}
			if err := write(entry); err != nil {
				return err
			}
			listed, last = listed+1, history.Behind(entry)
		}
		return nil
	}
	if c.JSON {
		err = writeJSONList(inv.stdout, func(write func(any) error) error {
			return loop(func(entry history.Entry) error { return write(entry) })
		})
	} else {
		err = historyTable(inv, loop)
	}
	if (err != nil || more) && !last.IsZero() {
		fmt.Fprintf(inv.stderr, "%s written. To go on behind the last one: --cursor %s\n", operate.Count(int64(listed), "change", "was", "were"), last)
	}
	return err
}

func historyTable(inv *invocation, loop func(func(history.Entry) error) error) error {
	t := &table{width: terminalWidth(inv.stdout)}
	t.row("TIME", "BY", "ACCOUNT", "WHAT", "ID", "ACT", "CHANGE")
	held := 0
	failed := loop(func(entry history.Entry) error {
		t.row(operate.Clock(entry.At), cmp.Or(entry.By, "-"), accountOrDash(entry.AccountID), entry.Noun, cmp.Or(entry.ObjectID, "-"), entry.Act,
			long(changeText(entry)))
		if held++; held < rowsATable {
			return nil
		}
		full := t
		t, held = &table{width: t.width}, 0
		return full.write(inv.stdout)
	})
	return errors.Join(failed, t.write(inv.stdout))
}

// changeText writes the fields that changed on one line.
func changeText(entry history.Entry) string {
	differences, err := entry.Differences()
	if err != nil {
		return string(entry.Old) + " -> " + string(entry.New) // of a later version
	}
	var texts []string
	for _, one := range differences {
		if one.Old == nil {
			texts = append(texts, fmt.Sprintf("%s %s", one.Field, one.New))
			continue
		}
		texts = append(texts, fmt.Sprintf("%s %s -> %s", one.Field, one.Old, cmp.Or(string(one.New), "none")))
	}
	return strings.Join(texts, "; ")
}
