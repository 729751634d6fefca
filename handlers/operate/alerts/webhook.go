package alerts

import (
	"context"
	"net/url"
	"slices"
	"time"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// Webhook is an address to which notices are posted.
type Webhook struct {
	ID int64 `db:"id" json:"id"`
	// AccountID is null for an operator's webhook, which has the notices of all accounts.
	AccountID *int64     `db:"account_id" json:"account_id"`
	URL       string     `db:"url" json:"url"`
	CreatedAt time.Time  `db:"created_at" json:"created_at"`
	RemovedAt *time.Time `db:"removed_at" json:"removed_at"`
	// Secret verifies the signatures. It is derived from the service secret, stored
	// nowhere, and only shown by Create and Show.
	Secret string `db:"-" json:"secret,omitempty"`
}

// Masked returns the webhook as lists and the history show it: the path and the query of
// its address may be a secret, as they are of many chats.
func (w Webhook) Masked() Webhook {
	if parsed, err := url.Parse(w.URL); err == nil {
		w.URL = parsed.Scheme + "://" + parsed.Host
	}
	return w
}

// WebhookStore holds webhooks. Its errors are reference.NotFoundErrors where there is no
// such account or webhook.
type WebhookStore interface {
	// CreateAlertWebhook adds a webhook of an account, 0 for an operator's.
	CreateAlertWebhook(ctx context.Context, account int64, url string) (Webhook, error)
	// AlertWebhooks lists the webhooks of an account (0: of all, and those of operators),
	// the removed ones too, by id.
	AlertWebhooks(ctx context.Context, account int64) ([]Webhook, error)
	// AlertWebhook returns a webhook of an account (0: any).
	AlertWebhook(ctx context.Context, account, id int64) (Webhook, error)
	// RemoveAlertWebhook removes a webhook of an account (0: any), with the notices that
	// wait for it.
	RemoveAlertWebhook(ctx context.Context, account, id int64) (Webhook, error)
}

// Webhooks are the use cases on webhooks.
type Webhooks struct {
	Store WebhookStore
	Keys  token.Keys
}

// Create adds a webhook; account 0 makes it an operator's.
func (w Webhooks) Create(ctx context.Context, account int64, address string) (Webhook, error) {
	if err := checkAddress(address); err != nil {
		return Webhook{}, err
	}
	created, err := w.Store.CreateAlertWebhook(ctx, account, address)
	return w.withSecret(created), err
}

// checkAddress refuses what is no address of a webhook. The error does not repeat it: a
// password may be in it.
func checkAddress(address string) error {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "":
		return reference.Refuse(reference.ErrInvalid, "the address of a webhook must look like https://example.com/path")
	case parsed.User != nil:
		return reference.Refuse(reference.ErrInvalid, "the address of a webhook holds no user and no password: check the signature instead")
	case len(address) > 2000:
		return reference.Refuse(reference.ErrInvalid, "the address of a webhook has at most 2000 bytes")
	default:
		return nil
	}
}

// List returns the webhooks of an account (0: of all, and those of operators) that are
// not removed, by id, masked.
func (w Webhooks) List(ctx context.Context, account int64) ([]Webhook, error) {
	all, err := w.Store.AlertWebhooks(ctx, account)
	all = slices.DeleteFunc(all, func(hook Webhook) bool { return hook.RemovedAt != nil })
	for i := range all {
		all[i] = all[i].Masked()
	}
	return all, err
}

// Show returns a webhook with its secret.
func (w Webhooks) Show(ctx context.Context, account, id int64) (Webhook, error) {
	hook, err := w.Store.AlertWebhook(ctx, account, id)
	return w.withSecret(hook), err
}

// Remove ends a webhook.
func (w Webhooks) Remove(ctx context.Context, account, id int64) (Webhook, error) {
	return w.Store.RemoveAlertWebhook(ctx, account, id)
}

func (w Webhooks) withSecret(hook Webhook) Webhook {
	if hook.ID != 0 {
		hook.Secret = w.Keys.WebhookSecrets(hook.ID)[0]
	}
	return hook
}
