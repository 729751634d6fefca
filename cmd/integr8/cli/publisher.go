package cli

import (
	"context"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

type publisherCommand struct {
	Create publisherCreateCommand `cmd:"" help:"Create a publisher."`
	List   publisherListCommand   `cmd:"" help:"List an account's publishers."`
	Show   publisherShowCommand   `cmd:"" help:"Show one publisher."`
	Edit   publisherEditCommand   `cmd:"" help:"Rename, pause or resume a publisher."`
}

func (inv *invocation) publishers() (reference.Publishers, error) {
	db, err := inv.store()
	return reference.Publishers{Store: db}, err
}

type publisherCreateCommand struct {
	output
	Account int64  `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Name    string `required:"" placeholder:"NAME" help:"Name of the publisher, for people."`
}

// Run creates a publisher.
func (c *publisherCreateCommand) Run(ctx context.Context, inv *invocation) error {
	publishers, err := inv.publishers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, publisherTable).changed(publishers.Create(ctx, c.Account, c.Name))
}

type publisherListCommand struct {
	output
	ofAccounts
	byName
	Status attribution.Status `default:"" enum:",active,paused" placeholder:"active|paused" help:"Only those that are active, or paused."`
}

// Run lists the publishers.
func (c *publisherListCommand) Run(ctx context.Context, inv *invocation) error {
	publishers, err := inv.publishers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, publisherTable).list(
		publishers.List(ctx, reference.PublisherFilter{Account: c.Account, Name: string(c.Name), Status: c.Status}))
}

type publisherShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the publisher."`
}

// Run shows a publisher.
func (c *publisherShowCommand) Run(ctx context.Context, inv *invocation) error {
	publishers, err := inv.publishers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, publisherTable).one(publishers.Show(ctx, c.Account, c.ID))
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
	if c.change() == (reference.PublisherChange{}) {
		return errNothingToChange
	}
	return nil
}

func (c *publisherEditCommand) change() reference.PublisherChange {
	return reference.PublisherChange{Name: c.Name, Status: given(c.Status)}
}

// Run changes a publisher.
func (c *publisherEditCommand) Run(ctx context.Context, inv *invocation) error {
	publishers, err := inv.publishers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, publisherTable).changed(publishers.Edit(ctx, c.Account, c.ID, c.change()))
}

func publisherTable(publishers ...reference.Publisher) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "NAME", "STATUS", "CREATED")
		for _, publisher := range publishers {
			t.row(publisher.ID, publisher.AccountID, long(publisher.Name), publisher.Status, operate.Clock(publisher.CreatedAt))
		}
	}
}
