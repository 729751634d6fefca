package cli

import (
	"context"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

type advertiserCommand struct {
	Create advertiserCreateCommand `cmd:"" help:"Create an advertiser."`
	List   advertiserListCommand   `cmd:"" help:"List an account's advertisers."`
	Show   advertiserShowCommand   `cmd:"" help:"Show one advertiser."`
	Edit   advertiserEditCommand   `cmd:"" help:"Rename an advertiser."`
}

func (inv *invocation) advertisers() (reference.Advertisers, error) {
	db, err := inv.store()
	return reference.Advertisers{Store: db}, err
}

type advertiserCreateCommand struct {
	output
	Account int64  `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Name    string `required:"" placeholder:"NAME" help:"Name of the advertiser, for people."`
}

// Run creates an advertiser.
func (c *advertiserCreateCommand) Run(ctx context.Context, inv *invocation) error {
	advertisers, err := inv.advertisers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, advertiserTable).changed(advertisers.Create(ctx, c.Account, c.Name))
}

type advertiserListCommand struct {
	output
	ofAccounts
	byName
}

// Run lists the advertisers.
func (c *advertiserListCommand) Run(ctx context.Context, inv *invocation) error {
	advertisers, err := inv.advertisers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, advertiserTable).list(advertisers.List(ctx, c.Account, string(c.Name)))
}

type advertiserShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the advertiser."`
}

// Run shows an advertiser.
func (c *advertiserShowCommand) Run(ctx context.Context, inv *invocation) error {
	advertisers, err := inv.advertisers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, advertiserTable).one(advertisers.Show(ctx, c.Account, c.ID))
}

type advertiserEditCommand struct {
	output
	ofAccount
	ID   int64  `arg:"" help:"Number of the advertiser."`
	Name string `required:"" placeholder:"NAME" help:"The new name."`
}

// Run renames an advertiser.
func (c *advertiserEditCommand) Run(ctx context.Context, inv *invocation) error {
	advertisers, err := inv.advertisers()
	if err != nil {
		return err
	}
	return printing(c.output, inv, advertiserTable).changed(advertisers.Rename(ctx, c.Account, c.ID, c.Name))
}

func advertiserTable(advertisers ...reference.Advertiser) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "NAME", "CREATED")
		for _, advertiser := range advertisers {
			t.row(advertiser.ID, advertiser.AccountID, long(advertiser.Name), operate.Clock(advertiser.CreatedAt))
		}
	}
}
