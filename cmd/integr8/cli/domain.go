package cli

import (
	"context"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

type domainCommand struct {
	Create domainCreateCommand `cmd:"" help:"Give an account a tracking domain, from which its pixels are served."`
	List   domainListCommand   `cmd:"" help:"List an account's tracking domains."`
	Show   domainShowCommand   `cmd:"" help:"Show one tracking domain."`
	Edit   domainEditCommand   `cmd:"" help:"Change a tracking domain's host."`
}

func (inv *invocation) domains() (reference.Domains, error) {
	db, err := inv.store()
	return reference.Domains{Store: db}, err
}

type domainCreateCommand struct {
	output
	Account int64  `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Host    string `required:"" placeholder:"HOST" help:"Host such as track.example.com, whose DNS leads here, without a scheme, port or path. It belongs to one account only."`
}

// Run creates a domain.
func (c *domainCreateCommand) Run(ctx context.Context, inv *invocation) error {
	domains, err := inv.domains()
	if err != nil {
		return err
	}
	return printing(c.output, inv, domainTable).changed(domains.Create(ctx, c.Account, c.Host))
}

type domainListCommand struct {
	output
	ofAccounts
	Host textLike `placeholder:"TEXT" help:"Only those whose host has this in it."`
}

// Run lists the domains.
func (c *domainListCommand) Run(ctx context.Context, inv *invocation) error {
	domains, err := inv.domains()
	if err != nil {
		return err
	}
	return printing(c.output, inv, domainTable).list(domains.List(ctx, c.Account, string(c.Host)))
}

type domainShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the tracking domain."`
}

// Run shows a domain.
func (c *domainShowCommand) Run(ctx context.Context, inv *invocation) error {
	domains, err := inv.domains()
	if err != nil {
		return err
	}
	return printing(c.output, inv, domainTable).one(domains.Show(ctx, c.Account, c.ID))
}

type domainEditCommand struct {
	output
	ofAccount
	ID   int64  `arg:"" help:"Number of the tracking domain."`
	Host string `required:"" placeholder:"HOST" help:"The new host. Pixels on the old one stop working at once."`
}

// Run changes a domain's host.
func (c *domainEditCommand) Run(ctx context.Context, inv *invocation) error {
	domains, err := inv.domains()
	if err != nil {
		return err
	}
	return printing(c.output, inv, domainTable).changed(domains.Move(ctx, c.Account, c.ID, c.Host))
}

func domainTable(domains ...reference.Domain) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "HOST", "CREATED")
		for _, domain := range domains {
			t.row(domain.ID, domain.AccountID, long(domain.Host), operate.Clock(domain.CreatedAt))
		}
	}
}
