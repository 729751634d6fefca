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
	Edit   accountEditCommand   `cmd:"" help:"Rename an account."`
}

func (inv *invocation) accounts() (reference.Accounts, error) {
	db, err := inv.store()
	return reference.Accounts{Store: db}, err
}

type accountCreateCommand struct {
	output
	Name string `required:"" placeholder:"NAME" help:"Name of the account, for people."`
}

// Run creates an account.
func (c *accountCreateCommand) Run(ctx context.Context, inv *invocation) error {
	accounts, err := inv.accounts()
	if err != nil {
		return err
	}
	return printing(c.output, inv, accountTable).changed(accounts.Create(ctx, c.Name))
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
	ID   int64  `arg:"" help:"Number of the account."`
	Name string `required:"" placeholder:"NAME" help:"The new name."`
}

// Run renames an account.
func (c *accountEditCommand) Run(ctx context.Context, inv *invocation) error {
	accounts, err := inv.accounts()
	if err != nil {
		return err
	}
	return printing(c.output, inv, accountTable).changed(accounts.Rename(ctx, c.ID, c.Name))
}

func accountTable(accounts ...reference.Account) func(*table) {
	return func(t *table) {
		t.row("ID", "NAME", "CREATED")
		for _, account := range accounts {
			t.row(account.ID, long(account.Name), operate.Clock(account.CreatedAt))
		}
	}
}

// ofAccount is embedded in the commands that work on one object of an
// account. Ids are handed out over all accounts, so that the account needs
// not be named; where it is, no other account's object is found.
type ofAccount struct {
	Account int64 `placeholder:"ID" help:"Account of it; when given, nothing of another account is shown or changed."`
}
