package cli

import (
	"context"
	"errors"
	"fmt"

	"integr8/handlers/notify"
	"integr8/handlers/operate"
	"integr8/handlers/operate/alerts"
)

type webhookCommand struct {
	Create webhookCreateCommand `cmd:"" help:"Create a webhook, and print the secret that verifies its signatures."`
	List   webhookListCommand   `cmd:"" help:"List webhooks."`
	Show   webhookShowCommand   `cmd:"" help:"Show a webhook with its secret."`
	Remove webhookRemoveCommand `cmd:"" help:"End a webhook, with the notices that wait for it."`
	Test   webhookTestCommand   `cmd:"" help:"Post a notice about nothing to a webhook."`
}

func (inv *invocation) webhooks() (alerts.Webhooks, error) {
	keys, err := inv.settings.keys()
	if err != nil {
		return alerts.Webhooks{}, err
	}
	db, err := inv.store()
	return alerts.Webhooks{Store: db, Keys: keys}, err
}

type webhookCreateCommand struct {
	output
	Account  int64  `placeholder:"ID" xor:"owner" help:"Account whose notices it has."`
	Operator bool   `xor:"owner" help:"Make it an operator's, which has the notices of all accounts."`
	URL      string `name:"url" required:"" placeholder:"URL" help:"Where notices are posted: JSON, signed as Standard Webhooks says."`
}

// Validate demands an owner: a webhook that has the notices of all accounts is no default.
func (c *webhookCreateCommand) Validate() error {
	if c.Account == 0 && !c.Operator {
		return errors.New("name the --account whose notices it has, or pass --operator for those of all accounts")
	}
	return nil
}

// Run creates a webhook.
func (c *webhookCreateCommand) Run(ctx context.Context, inv *invocation) error {
	webhooks, err := inv.webhooks()
	if err != nil {
		return err
	}
	return printing(c.output, inv, webhookSheet).one(webhooks.Create(ctx, c.Account, c.URL))
}

type webhookListCommand struct {
	output
	ofAccounts
}

// Run lists webhooks.
func (c *webhookListCommand) Run(ctx context.Context, inv *invocation) error {
	webhooks, err := inv.webhooks()
	if err != nil {
		return err
	}
	return printing(c.output, inv, webhookTable).list(webhooks.List(ctx, c.Account))
}

type webhookShowCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the webhook."`
}

// Run shows a webhook.
func (c *webhookShowCommand) Run(ctx context.Context, inv *invocation) error {
	webhooks, err := inv.webhooks()
	if err != nil {
		return err
	}
	return printing(c.output, inv, webhookSheet).one(webhooks.Show(ctx, c.Account, c.ID))
}

type webhookRemoveCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the webhook."`
}

// Run removes a webhook.
func (c *webhookRemoveCommand) Run(ctx context.Context, inv *invocation) error {
	webhooks, err := inv.webhooks()
	if err != nil {
		return err
	}
	return printing(c.output, inv, webhookTable).one(webhooks.Remove(ctx, c.Account, c.ID))
}

type webhookTestCommand struct {
	ofAccount
	ID int64 `arg:"" help:"Number of the webhook."`
}

// Run posts a notice about nothing.
func (c *webhookTestCommand) Run(ctx context.Context, inv *invocation) error {
	webhooks, err := inv.webhooks()
	if err != nil {
		return err
	}
	if err := webhooks.Try(ctx, notify.NewWebhooks(webhooks.Keys, inv.settings.AlertPrivate), c.Account, c.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintln(inv.stdout, "It has arrived.")
	return err
}

// webhookSheet has all of each webhook, with the secret.
func webhookSheet(all ...alerts.Webhook) func(*table) {
	return func(t *table) {
		for _, hook := range all {
			t.row("id", hook.ID)
			t.row("notices of", noticesOf(hook))
			t.row("url", hook.URL)
			t.row("secret", hook.Secret)
			if hook.RemovedAt != nil {
				t.row("removed", operate.Clock(*hook.RemovedAt))
			}
		}
	}
}

func webhookTable(all ...alerts.Webhook) func(*table) {
	return func(t *table) {
		t.row("ID", "NOTICES OF", "URL", "CREATED", "REMOVED")
		for _, hook := range all {
			t.row(hook.ID, noticesOf(hook), long(hook.URL), operate.Clock(hook.CreatedAt), timeText(hook.RemovedAt))
		}
	}
}

func noticesOf(hook alerts.Webhook) string {
	if hook.AccountID == nil {
		return "all accounts"
	}
	return fmt.Sprintf("account %d", *hook.AccountID)
}
