package main

import (
	"context"

	"integr8/sql/store"
)

type advertiserCommand struct {
	Create advertiserCreateCommand `cmd:"" help:"Create an advertiser."`
	List   advertiserListCommand   `cmd:"" help:"List an account's advertisers."`
	Show   advertiserShowCommand   `cmd:"" help:"Show one advertiser."`
	Edit   advertiserEditCommand   `cmd:"" help:"Rename an advertiser."`
}

type advertiserCreateCommand struct {
	output
	Account int64  `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Name    string `required:"" placeholder:"NAME" help:"Name of the advertiser, for people."`
}

// Run creates an advertiser.
func (c *advertiserCreateCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	advertiser, err := db.CreateAdvertiser(ctx, c.Account, c.Name)
	if err != nil {
		return err
	}
	app.warnOfNamesakes(ctx, db, store.AdvertiserObject, advertiser.ID, advertiser.Name)
	return c.print(app, advertiser, advertiserTable(advertiser))
}

type advertiserListCommand struct {
	output
	ofAccounts
	byName
}

// Run lists the advertisers.
func (c *advertiserListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	advertisers, err := db.Advertisers(ctx, c.Account)
	if err != nil {
		return err
	}
	advertisers = only(advertisers, func(advertiser store.Advertiser) bool { return c.Name.in(advertiser.Name) })
	return c.print(app, advertisers, advertiserTable(advertisers...))
}

type advertiserShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the advertiser."`
}

// Run shows an advertiser.
func (c *advertiserShowCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.AdvertiserObject, c.ID)
	if err != nil {
		return err
	}
	advertiser, err := db.Advertiser(ctx, account, c.ID)
	if err != nil {
		return err
	}
	return c.print(app, advertiser, advertiserTable(advertiser))
}

type advertiserEditCommand struct {
	output
	ofAccount
	ID   int64  `arg:"" help:"Number of the advertiser."`
	Name string `required:"" placeholder:"NAME" help:"The new name."`
}

// Run renames an advertiser.
func (c *advertiserEditCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.AdvertiserObject, c.ID)
	if err != nil {
		return err
	}
	advertiser, err := db.EditAdvertiser(ctx, account, c.ID, c.Name)
	if err != nil {
		return err
	}
	app.warnOfNamesakes(ctx, db, store.AdvertiserObject, advertiser.ID, advertiser.Name)
	return c.print(app, advertiser, advertiserTable(advertiser))
}

func advertiserTable(advertisers ...store.Advertiser) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "NAME", "CREATED")
		for _, advertiser := range advertisers {
			t.row(advertiser.ID, advertiser.AccountID, long(advertiser.Name), clock(advertiser.CreatedAt))
		}
	}
}
