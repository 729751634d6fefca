package cli

import (
	"context"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

type accountCommand struct {
	Create accountCreateCommand `cmd:"" help:"Create an account."`
	List   accountListCommand   `cmd:"" help:"List all accounts."`
	Show   accountShowCommand   `cmd:"" help:"Show one account."`
	Edit   accountEditCommand   `cmd:"" help:"Rename an account, or give it another time zone."`
}

func (inv *invocation) accounts() (reference.Accounts, error) {
	db, err := inv.store()
	return reference.Accounts{Store: db}, err
}

type accountCreateCommand struct {
	output
	Name     string `required:"" placeholder:"NAME" help:"Name of the account, for people."`
	TimeZone zone   `placeholder:"ZONE" help:"Time zone whose days its reports have, such as Asia/Kolkata. Default UTC."`
}

// Run creates an account.
func (c *accountCreateCommand) Run(ctx context.Context, inv *invocation) error {
	accounts, err := inv.accounts()
	if err != nil {
		return err
	}
	return printing(c.output, inv, accountTable).changed(accounts.Create(ctx, c.Name, c.TimeZone.name))
}

type accountListCommand struct {
	output
	byName
}

// Run lists the accounts.
func (c *accountListCommand) Run(ctx context.Context, inv *invocation) error {
	accounts, err := inv.accounts()
	if err != nil {
		return err
	}
	return printing(c.output, inv, accountTable).list(accounts.List(ctx, string(c.Name)))
}

type accountShowCommand struct {
	output
	ID int64 `arg:"" help:"Number of the account."`
}

// Run shows an account.
func (c *accountShowCommand) Run(ctx context.Context, inv *invocation) error {
	accounts, err := inv.accounts()
	if err != nil {
		return err
	}
	return printing(c.output, inv, accountTable).one(accounts.Show(ctx, c.ID))
}

type accountEditCommand struct {
	output
	ID       int64   `arg:"" help:"Number of the account."`
	Name     *string `placeholder:"NAME" help:"The new name."`
	TimeZone zone    `placeholder:"ZONE" help:"Time zone whose days its reports have from now on, such as Asia/Kolkata."`
}

// Validate refuses an edit that changes nothing.
func (c *accountEditCommand) Validate() error {
	if c.change() == (reference.AccountChange{}) {
		return errNothingToChange
	}
	return nil
}

func (c *accountEditCommand) change() reference.AccountChange {
	return reference.AccountChange{Name: c.Name, TimeZone: given(c.TimeZone.name)}
}

// Run changes an account.
func (c *accountEditCommand) Run(ctx context.Context, inv *invocation) error {
	accounts, err := inv.accounts()
	if err != nil {
		return err
	}
	return printing(c.output, inv, accountTable).changed(accounts.Edit(ctx, c.ID, c.change()))
}

func accountTable(accounts ...reference.Account) func(*table) {
	return func(t *table) {
		t.row("ID", "NAME", "TIME ZONE", "CREATED")
		for _, account := range accounts {
			t.row(account.ID, long(account.Name), account.TimeZone, operate.Clock(account.CreatedAt))
		}
	}
}

// ofAccount is embedded in the commands that work on one object of an
// account. Ids are handed out over all accounts, so that the account needs
// not be named; where it is, no other account's object is found.
type ofAccount struct {
	Account int64 `placeholder:"ID" help:"Account of it; when given, nothing of another account is shown or changed."`
}
