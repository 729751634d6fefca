package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/alecthomas/kong"

	"integr8/handlers/operate/search"
	"integr8/pipeline/failure"
)

type findCommand struct {
	output
	rowFilter
	Receipt       *id           `placeholder:"ID" help:"The hit with this receipt, and what it made."`
	TransactionID *id           `placeholder:"ID" help:"All hits and conversions of this transaction_id."`
	OrderID       exactText     `placeholder:"TEXT" help:"Those with this order_id."`
	ExternalID    exactText     `placeholder:"TEXT" help:"Those with this external_transaction_id."`
	SubID         exactText     `placeholder:"TEXT" help:"Those with this sub_id."`
	DeviceID      exactText     `placeholder:"TEXT" help:"Those with this device_id."`
	IP            netip.Addr    `name:"ip" placeholder:"ADDRESS" help:"Those from this address, or whose click or conversion_ip is from it."`
	Token         fromStdin     `help:"Those with the secure token that is read from standard input."`
	Email         fromStdin     `help:"Those with the e-mail address, or its hash, that is read from standard input. Only its hash leaves this program."`
	Limit         int           `default:"50" placeholder:"N" help:"At most so many. Default 50."`
	Cursor        search.Cursor `placeholder:"CURSOR" help:"Go on where a search ended that printed this cursor."`
	Argument      string        `arg:"" optional:"" hidden:"" help:"Not taken: a token or an e-mail address is read from standard input."`
}

// mostFound bounds --limit: what is found is held in memory.
const mostFound = 10_000

// Validate refuses a search that was probably not meant. It never repeats an argument,
// which may be a secret.
func (c *findCommand) Validate() error {
	asked := c.values()
	ids := 0
	for _, named := range []bool{c.Receipt != nil, c.TransactionID != nil} {
		if named {
			ids++
		}
	}
	switch {
	case c.Argument != "":
		return errors.New("it takes no argument: a token or an e-mail address is read from standard input, and anything else has a flag")
	case ids+asked == 0:
		return errors.New("say what to find, such as --order-id or --ip")
	case ids > 1 || ids == 1 && asked > 0:
		return errors.New("--receipt and --transaction-id are each asked for alone")
	case bool(c.Token && c.Email):
		return errors.New("--token and --email both read standard input: ask for one")
	case c.Limit < 1 || c.Limit > mostFound:
		return fmt.Errorf("--limit is from 1 to %d; --cursor goes on", mostFound)
	default:
		return nil
	}
}

// values counts the values to find.
func (c *findCommand) values() int {
	count := 0
	for _, asked := range []bool{c.OrderID != "", c.ExternalID != "", c.SubID != "", c.DeviceID != "", c.IP.IsValid(), bool(c.Token), bool(c.Email)} {
		if asked {
			count++
		}
	}
	return count
}

// Run finds hits and conversions.
func (c *findCommand) Run(ctx context.Context, inv *invocation) error {
	query, err := c.query(ctx, inv)
	if err != nil {
		return err
	}
	db, err := inv.store()
	if err != nil {
		return err
	}
	if err := c.check(ctx, db); err != nil {
		return err
	}
	found, err := search.Searches{Store: db, Budget: inv.settings.Timeout / 2}.Find(ctx, query)
	if err != nil {
		return withPeriodHint(err)
	}
	return c.print(inv, found, func(t *table) { foundTable(t, found) })
}

func (c *findCommand) query(ctx context.Context, inv *invocation) (search.Query, error) {
	query := search.Query{Filter: c.filter(), Limit: c.Limit, Behind: c.Cursor}
	query.OrderID, query.ExternalID, query.SubID, query.DeviceID = string(c.OrderID), string(c.ExternalID), string(c.SubID), string(c.DeviceID)
	query.IP = c.IP
	if c.Receipt != nil {
		query.Receipt = c.Receipt.UUID
	}
	if c.TransactionID != nil {
		query.TransactionID = c.TransactionID.UUID
	}
	switch {
	case bool(c.Token):
		secure, err := inv.readToken(ctx)
		if err != nil {
			return search.Query{}, err
		}
		query.NameToken(secure)
	case bool(c.Email):
		address, err := inv.readValue(ctx, "E-mail address: ")
		if err != nil {
			return search.Query{}, err
		}
		if err := query.NameEmail(address); err != nil {
			return search.Query{}, err // it never repeats the text
		}
	}
	return query, nil
}

// readToken reads a secure token to look for from standard input.
func (inv *invocation) readToken(ctx context.Context) (string, error) {
	return inv.readValue(ctx, "Token: ")
}

// readValue is readSecret for a value to look for, which cannot be empty.
func (inv *invocation) readValue(ctx context.Context, prompt string) (string, error) {
	value, err := inv.readSecret(ctx, prompt)
	if err == nil && value == "" {
		err = failure.WithHint(errors.New("standard input is empty"), "pipe the value in, or run the command on a terminal and be asked")
	}
	return value, err
}

func foundTable(t *table, found search.Found) {
	if len(found.Hits)+len(found.Conversions) == 0 {
		t.row("Nothing was found.")
	}
	writeFound(t, hitForm, found.Hits)
	writeFound(t, conversionForm, found.Conversions)
	if len(found.NotLookedAt) > 0 {
		t.row("Not looked at:")
		for _, what := range found.NotLookedAt {
			t.row("  " + what)
		}
	}
	if found.Next != nil {
		t.row(fmt.Sprintf("There is more: --cursor %s", found.Next))
	}
}

func writeFound[T any](t *table, f form[T], found []T) {
	if len(found) == 0 {
		return
	}
	t.row(f.header...)
	for i := range found {
		t.row(f.cells(&found[i])...)
	}
	t.row()
}

// fromStdin is a flag that says that a secret is read from standard input. It takes no
// value, and does not repeat one in its error.
type fromStdin bool

// IsBool lets the flag stand alone.
func (fromStdin) IsBool() bool { return true }

// Decode refuses a value.
func (f *fromStdin) Decode(ctx *kong.DecodeContext) error {
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		ctx.Scan.Pop()
		return errors.New("it takes no value: the secret is read from standard input, because the shell's history and the list of processes keep arguments")
	}
	*f = true
	return nil
}
