package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// CreateAlertRule adds an active rule. Without such an account or offer the error is a
// NotFoundError.
func (s *Store) CreateAlertRule(ctx context.Context, rule alerts.NewRule) (alerts.Rule, error) {
	var made alerts.Rule
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &made, "alerts/create_rule", args{
			"account_id":     rule.Account,
			"offer_id":       rule.Offer,
			"each_offer":     rule.EachOffer,
			"name":           rule.Name,
			"condition":      string(rule.Condition),
			"window_minutes": int64(rule.Window / time.Minute),
			"percent":        rule.Percent,
			"least":          rule.Least,
		})
		return history.Of(history.AlertRule, rule.Account, made.ID, history.Create, nil, made), err
	})
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.Account(ctx, rule.Account); err != nil {
			return made, err
		}
		return made, &reference.NotFoundError{Object: reference.OfferObject, ID: rule.Offer, Account: rule.Account}
	}
	if err != nil {
		return made, fmt.Errorf("create alert rule: %w", err)
	}
	return made, nil
}

// AlertRules returns the rules of an account (0: of all), the removed ones too, by id.
func (s *Store) AlertRules(ctx context.Context, account int64) ([]alerts.Rule, error) {
	return listed[alerts.Rule](ctx, s, "alert rules", "alerts/rules", account)
}

// AlertRule returns a rule of an account (0: of any), or a NotFoundError.
func (s *Store) AlertRule(ctx context.Context, account, id int64) (alerts.Rule, error) {
	var rule alerts.Rule
	err := selectRow(ctx, s.db, &rule, "alerts/rule", args{"account_id": account, "id": id})
	return rule, found(err, reference.AlertRuleObject, account, id)
}

// EditAlertRule changes a rule of an account (0: of any). One that is no longer active
// ends its alerts.
func (s *Store) EditAlertRule(ctx context.Context, account, id int64, change alerts.RuleChange) (alerts.Rule, error) {
	var rule alerts.Rule
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		var window *int64
		if change.Window != nil {
			window = new(int64(*change.Window / time.Minute))
		}
		var until *time.Time
		if change.SilencedUntil != nil {
			until = orNull(*change.SilencedUntil)
		}
		changed, err := edited(ctx, tx, history.AlertRule, account, id, &rule, "alerts/rule", args{"account_id": account, "id": id},
			"alerts/edit_rule", args{
				"account_id":     account,
				"id":             id,
				"status":         change.Status,
				"name":           change.Name,
				"window_minutes": window,
				"percent":        change.Percent,
				"least":          change.Least,
				"silence":        change.SilencedUntil != nil,
				"silenced_until": until,
			})
		if err != nil {
			return history.Change{}, err
		}
		changed.AccountID = rule.AccountID
		if rule.Status != alerts.Active {
			_, err = execute(ctx, tx, "alerts/end_of_rule", args{"rule_id": id, "status": string(rule.Status)})
		}
		return changed, err
	})
	return rule, found(err, reference.AlertRuleObject, account, id)
}
