package main

import (
	"context"

	"integr8/sql/store"
)

type accountCommand struct {
	Create accountCreateCommand `cmd:"" help:"Create an account."`
	List   accountListCommand   `cmd:"" help:"List all accounts."`
	Show   accountShowCommand   `cmd:"" help:"Show one account."`
	Edit   accountEditCommand   `cmd:"" help:"Rename an account."`
}

type accountCreateCommand struct {
	output
	Name string `required:"" placeholder:"NAME" help:"Name of the account, for people."`
}

// Run creates an account.
func (c *accountCreateCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := db.CreateAccount(ctx, c.Name)
	if err != nil {
		return err
	}
	app.warnOfNamesakes(ctx, db, store.AccountObject, account.ID, account.Name)
	return c.print(app, account, accountTable(account))
}

type accountListCommand struct {
	output
	byName
}

// Run lists the accounts.
func (c *accountListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	accounts, err := db.Accounts(ctx)
	if err != nil {
		return err
	}
	accounts = only(accounts, func(account store.Account) bool { return c.Name.in(account.Name) })
	return c.print(app, accounts, accountTable(accounts...))
}

type accountShowCommand struct {
	output
	ID int64 `arg:"" help:"Number of the account."`
}

// Run shows an account.
func (c *accountShowCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := db.Account(ctx, c.ID)
	if err != nil {
		return err
	}
	return c.print(app, account, accountTable(account))
}

type accountEditCommand struct {
	output
	ID   int64  `arg:"" help:"Number of the account."`
	Name string `required:"" placeholder:"NAME" help:"The new name."`
}

// Run renames an account.
func (c *accountEditCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := db.EditAccount(ctx, c.ID, c.Name)
	if err != nil {
		return err
	}
	app.warnOfNamesakes(ctx, db, store.AccountObject, account.ID, account.Name)
	return c.print(app, account, accountTable(account))
}

func accountTable(accounts ...store.Account) func(*table) {
	return func(t *table) {
		t.row("ID", "NAME", "CREATED")
		for _, account := range accounts {
			t.row(account.ID, long(account.Name), clock(account.CreatedAt))
		}
	}
}

// ofAccount is embedded in the commands that work on one object of an
// account. Ids are handed out over all accounts, so that the account needs
// not be named; where it is, no other account's object is found.
type ofAccount struct {
	Account int64 `placeholder:"ID" help:"Account of it; when given, nothing of another account is shown or changed."`
}

// account returns whose the object is.
func (c ofAccount) account(ctx context.Context, db *store.Store, object store.Object, id int64) (int64, error) {
	if c.Account != 0 {
		return c.Account, nil
	}
	return db.Owner(ctx, object, id)
}
