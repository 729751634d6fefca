package main

import (
	"context"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

type publisherCommand struct {
	Create publisherCreateCommand `cmd:"" help:"Create a publisher."`
	List   publisherListCommand   `cmd:"" help:"List an account's publishers."`
	Show   publisherShowCommand   `cmd:"" help:"Show one publisher."`
	Edit   publisherEditCommand   `cmd:"" help:"Rename, pause or resume a publisher."`
}

type publisherCreateCommand struct {
	output
	Account int64  `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Name    string `required:"" placeholder:"NAME" help:"Name of the publisher, for people."`
}

// Run creates a publisher.
func (c *publisherCreateCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	publisher, err := db.CreatePublisher(ctx, c.Account, c.Name)
	if err != nil {
		return err
	}
	app.warnOfNamesakes(ctx, db, store.PublisherObject, publisher.ID, publisher.Name)
	return c.print(app, publisher, publisherTable(publisher))
}

type publisherListCommand struct {
	output
	ofAccounts
	byName
	Status attribution.Status `default:"" enum:",active,paused" placeholder:"active|paused" help:"Only those that are active, or paused."`
}

// Run lists the publishers.
func (c *publisherListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	publishers, err := db.Publishers(ctx, c.Account)
	if err != nil {
		return err
	}
	publishers = only(publishers, func(publisher store.Publisher) bool {
		return c.Name.in(publisher.Name) && (c.Status == "" || c.Status == publisher.Status)
	})
	return c.print(app, publishers, publisherTable(publishers...))
}

type publisherShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the publisher."`
}

// Run shows a publisher.
func (c *publisherShowCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.PublisherObject, c.ID)
	if err != nil {
		return err
	}
	publisher, err := db.Publisher(ctx, account, c.ID)
	if err != nil {
		return err
	}
	return c.print(app, publisher, publisherTable(publisher))
}

type publisherEditCommand struct {
	output
	ofAccount
	ID     int64              `arg:"" help:"Number of the publisher."`
	Name   *string            `placeholder:"NAME" help:"The new name."`
	Status attribution.Status `default:"" enum:",active,paused" placeholder:"active|paused" help:"paused: its links send nobody on, and nothing converts for it; what arrives can be replayed later."`
}

// Validate refuses an edit that changes nothing.
func (c *publisherEditCommand) Validate() error {
	if c.change() == (store.PublisherChange{}) {
		return errNothingToChange
	}
	return nil
}

func (c *publisherEditCommand) change() store.PublisherChange {
	return store.PublisherChange{Name: c.Name, Status: given(c.Status)}
}

// Run changes a publisher.
func (c *publisherEditCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.PublisherObject, c.ID)
	if err != nil {
		return err
	}
	publisher, err := db.EditPublisher(ctx, account, c.ID, c.change())
	if err != nil {
		return err
	}
	if c.Name != nil {
		app.warnOfNamesakes(ctx, db, store.PublisherObject, publisher.ID, publisher.Name)
	}
	return c.print(app, publisher, publisherTable(publisher))
}

func publisherTable(publishers ...store.Publisher) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "NAME", "STATUS", "CREATED")
		for _, publisher := range publishers {
			t.row(publisher.ID, publisher.AccountID, long(publisher.Name), publisher.Status, clock(publisher.CreatedAt))
		}
	}
}
