package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// CreateAlertWebhook adds a webhook of an account, 0 for an operator's.
func (s *Store) CreateAlertWebhook(ctx context.Context, account int64, url string) (alerts.Webhook, error) {
	var made alerts.Webhook
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &made, "alerts/create_webhook", args{"account_id": account, "url": url})
		return history.Of(history.Webhook, account, made.ID, history.Create, nil, made.Masked()), err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return made, &reference.NotFoundError{Object: reference.AccountObject, ID: account}
	}
	if err != nil {
		return made, fmt.Errorf("create webhook: %w", err)
	}
	return made, nil
}

// AlertWebhooks returns the webhooks of an account (0: of all, and those of operators),
// the removed ones too, by id.
func (s *Store) AlertWebhooks(ctx context.Context, account int64) ([]alerts.Webhook, error) {
	return listed[alerts.Webhook](ctx, s, "webhooks", "alerts/webhooks", account)
}

// AlertWebhook returns a webhook of an account (0: any), or a NotFoundError.
func (s *Store) AlertWebhook(ctx context.Context, account, id int64) (alerts.Webhook, error) {
	var hook alerts.Webhook
	err := selectRow(ctx, s.db, &hook, "alerts/webhook", args{"account_id": account, "id": id})
	return hook, found(err, reference.WebhookObject, account, id)
}

// RemoveAlertWebhook removes a webhook of an account (0: any), with the notices that wait
// for it.
func (s *Store) RemoveAlertWebhook(ctx context.Context, account, id int64) (alerts.Webhook, error) {
	var hook alerts.Webhook
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		change, err := edited(ctx, tx, history.Webhook, account, id, &hook, "alerts/webhook", args{"account_id": account, "id": id},
			"alerts/remove_webhook", args{"account_id": account, "id": id})
		if err != nil {
			return history.Change{}, err
		}
		change.Act = history.Revoke
		if hook.AccountID != nil {
			change.AccountID = *hook.AccountID
		}
		_, err = execute(ctx, tx, "alerts/give_up", args{"webhook_id": id})
		return change, err
	})
	return hook, found(err, reference.WebhookObject, account, id)
}
