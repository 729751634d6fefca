package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate"
	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
)

const tagAlerts = "alerts"

// addAlerts registers the operations on alerts and their rules.
func (a *api) addAlerts() {
	add(a, get("list-alerts", "/alerts", tagAlerts, "List alerts", "Those that are on and those that have ended, the latest first, with what became of their notices."), a.alerts)
	add(a, get("list-alert-rules", "/alert-rules", tagAlerts, "List what alerts look for", "By number."), a.alertRules)
	addWhole(a, get("show-alert-rule", "/alert-rules/{id}", tagAlerts, "Show a rule", etagIsVersion), versioned(a.AlertRules.Show))
	create := editing("create-alert-rule", http.MethodPost, "/alert-rules", "Say what is unusual for an account or its offers")
	edit := editing("edit-alert-rule", http.MethodPatch, "/alert-rules/{id}", "Change, pause, silence or remove a rule")
	create.tag, edit.tag = tagAlerts, tagAlerts
	add(a, create, created(a, reference.AlertRuleObject, a.AlertRules.Show,
		func(ctx context.Context, account int64, form alerts.RuleForm) (alerts.Rule, reference.Warnings, error) {
			return unwarned(a.AlertRules.Create(ctx, form.NewRule(account)))
		}))
	addWhole(a, edit, edited(func(ctx context.Context, account, id int64, form alerts.RuleEditForm) (alerts.Rule, reference.Warnings, error) {
		change, err := form.Change()
		if err != nil {
			return alerts.Rule{}, nil, err
		}
		return unwarned(a.AlertRules.Edit(ctx, account, id, change))
	}))
	a.addWebhooks()
}

// unwarned is the result of a use case that warns of nothing.
func unwarned[T any](object T, err error) (T, reference.Warnings, error) { return object, nil, err }

// addWebhooks registers the operations on webhooks. Their secrets are for those alone who
// may make others.
func (a *api) addWebhooks() {
	admin := func(id, method, path, summary, description string) operation {
		return operation{id: id, method: method, path: path, tag: tagAlerts, summary: summary, description: description, access: access{role: keys.Admin}}
	}
	add(a, get("list-webhooks", "/webhooks", tagAlerts, "List webhooks", "By number, without their secrets: of an address the host only. An account's key sees the webhooks of the account."), a.webhooks)
	add(a, admin("show-webhook", http.MethodGet, "/webhooks/{id}", "Show a webhook with its secret", "The secret verifies the signatures of notices."), shown(a.Webhooks.Show))
	create := editing("create-webhook", http.MethodPost, "/webhooks", "Have the notices of alerts posted somewhere")
	create.tag = tagAlerts
	add(a, create, created(a, reference.WebhookObject, a.Webhooks.Show,
		func(ctx context.Context, account int64, form alerts.WebhookForm) (alerts.Webhook, reference.Warnings, error) {
			return unwarned(a.Webhooks.Create(ctx, account, form.URL))
		}))
	add(a, admin("remove-webhook", http.MethodPost, "/webhooks/{id}/remove", "End a webhook",
		"With the notices that wait for it. It may be sent again."), shown(a.Webhooks.Remove))
}

type alertsAsked struct {
	Scope
	Paging
	Rule int64 `query:"rule" minimum:"1" doc:"Only alerts of this rule."`
	On   bool  `query:"on" doc:"Only alerts that are on."`
}

func (a *api) alerts(ctx context.Context, in *alertsAsked) (page operate.Page[alerts.Alert], err error) {
	account, err := in.account(ctx)
	if err != nil {
		return page, err
	}
	below, err := operate.NumberIn(in.Cursor)
	if err != nil {
		return page, err
	}
	found, err := a.Alerts.List(ctx, alerts.Filter{Account: account, Rule: in.Rule, On: in.On}, below, in.Limit+1)
	if err != nil {
		return page, err
	}
	return operate.PageUpTo(found, in.Limit, func(alert *alerts.Alert) int64 { return alert.ID }), nil
}

type accountPage struct {
	Scope
	Paging
}

func (a *api) alertRules(ctx context.Context, in *accountPage) (page operate.Page[alerts.Rule], err error) {
	account, err := in.account(ctx)
	if err != nil {
		return page, err
	}
	rules, err := a.AlertRules.List(ctx, account)
	if err != nil {
		return page, err
	}
	return operate.PageByNumber(rules, in.Cursor, in.Limit, func(rule *alerts.Rule) int64 { return rule.ID })
}

func (a *api) webhooks(ctx context.Context, in *accountPage) (page operate.Page[alerts.Webhook], err error) {
	account, err := in.account(ctx)
	if err != nil {
		return page, err
	}
	all, err := a.Webhooks.List(ctx, account)
	if err != nil {
		return page, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(hook *alerts.Webhook) int64 { return hook.ID })
}
