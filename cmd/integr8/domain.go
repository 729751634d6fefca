package main

import (
	"context"

	"integr8/sql/store"
)

type domainCommand struct {
	Create domainCreateCommand `cmd:"" help:"Give an account a tracking domain, from which its pixels are served."`
	List   domainListCommand   `cmd:"" help:"List an account's tracking domains."`
	Show   domainShowCommand   `cmd:"" help:"Show one tracking domain."`
	Edit   domainEditCommand   `cmd:"" help:"Change a tracking domain's host."`
}

type domainCreateCommand struct {
	output
	Account int64  `required:"" placeholder:"ID" help:"Account that it belongs to."`
	Host    string `required:"" placeholder:"HOST" help:"Host such as track.example.com, whose DNS leads here, without a scheme, port or path. It belongs to one account only."`
}

// Run creates a domain.
func (c *domainCreateCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	host, err := app.checkHost(c.Host)
	if err != nil {
		return err
	}
	domain, err := db.CreateDomain(ctx, c.Account, host)
	if err != nil {
		return err
	}
	return c.print(app, domain, domainTable(domain))
}

type domainListCommand struct {
	output
	ofAccounts
	Host textLike `placeholder:"TEXT" help:"Only those whose host has this in it."`
}

// Run lists the domains.
func (c *domainListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	domains, err := db.Domains(ctx, c.Account)
	if err != nil {
		return err
	}
	domains = only(domains, func(domain store.Domain) bool { return c.Host.in(domain.Host) })
	return c.print(app, domains, domainTable(domains...))
}

type domainShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the tracking domain."`
}

// Run shows a domain.
func (c *domainShowCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.DomainObject, c.ID)
	if err != nil {
		return err
	}
	domain, err := db.Domain(ctx, account, c.ID)
	if err != nil {
		return err
	}
	return c.print(app, domain, domainTable(domain))
}

type domainEditCommand struct {
	output
	ofAccount
	ID   int64  `arg:"" help:"Number of the tracking domain."`
	Host string `required:"" placeholder:"HOST" help:"The new host. Pixels on the old one stop working at once."`
}

// Run changes a domain's host.
func (c *domainEditCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.DomainObject, c.ID)
	if err != nil {
		return err
	}
	host, err := app.checkHost(c.Host)
	if err != nil {
		return err
	}
	domain, err := db.EditDomain(ctx, account, c.ID, host)
	if err != nil {
		return err
	}
	return c.print(app, domain, domainTable(domain))
}

func domainTable(domains ...store.Domain) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "HOST", "CREATED")
		for _, domain := range domains {
			t.row(domain.ID, domain.AccountID, long(domain.Host), clock(domain.CreatedAt))
		}
	}
}
