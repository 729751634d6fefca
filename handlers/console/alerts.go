package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/users"
)

// Alerts are the use cases of the page of alerts.
type Alerts struct {
	Log      alerts.Log
	Rules    alerts.Rules
	Webhooks alerts.Webhooks
}

// alertsShown is the page of alerts.
type alertsShown struct {
	On   []alerts.Alert
	Past []alerts.Alert
	// Next is the address of the next page of those that have ended; empty on the last.
	Next     string
	Rules    []alerts.Rule
	Webhooks []alerts.Webhook
	// Admin is set for users who may make webhooks.
	Admin bool
	Done  string
}

// mostAlertsOn is how many alerts that are on are shown.
const mostAlertsOn = 50

// routeAlerts registers the pages of alerts.
func (c *Console) routeAlerts(mux *http.ServeMux) {
	admin := access{role: users.Admin}
	c.page(mux, "GET /alerts", access{role: users.Viewer}, c.alertsPage)
	c.routeRules(mux)
	c.page(mux, "POST /alerts/webhooks", admin, c.createWebhook)
	c.page(mux, "GET /alerts/webhooks/{id}", admin, c.webhookPage)
	c.page(mux, "POST /alerts/webhooks/{id}/remove", admin, c.removeWebhook)
}

// readAlertsOn reads the alerts of an account that are on.
func (c *Console) readAlertsOn(ctx context.Context, account int64) ([]alerts.Alert, error) {
	return c.Alerts.Log.List(ctx, alerts.Filter{Account: account, On: true}, 0, mostAlertsOn)
}

func (c *Console) alertsPage(v *visit) error {
	page := alertsShown{Admin: v.user.Role.Includes(users.Admin), Done: alertsDone[v.query("done")]}
	rule, err := v.number("rule")
	if err != nil {
		return err
	}
	filter := alerts.Filter{Account: v.account(), Rule: rule, On: true}
	if page.On, err = c.Alerts.Log.List(v.ctx(), filter, 0, mostAlertsOn); err != nil {
		return err
	}
	if err := c.readPast(v, filter, &page); err != nil {
		return err
	}
	if page.Rules, err = c.Alerts.Rules.List(v.ctx(), v.account()); err != nil {
		return err
	}
	if page.Webhooks, err = c.Alerts.Webhooks.List(v.ctx(), v.account()); err != nil {
		return err
	}
	return c.render(v, http.StatusOK, "alerts", "Alerts", page)
}

// readPast reads a page of the alerts that have ended. A page may be short of those that
// are on.
func (c *Console) readPast(v *visit, filter alerts.Filter, page *alertsShown) error {
	below, err := v.number("cursor")
	if err != nil {
		return err
	}
	filter.On = false
	found, err := c.Alerts.Log.List(v.ctx(), filter, below, rowsAPage+1)
	if err != nil {
		return err
	}
	all := operate.PageOf(found, rowsAPage, func(alert *alerts.Alert) string { return strconv.FormatInt(alert.ID, 10) })
	if all.Next != nil {
		page.Next = v.with("cursor", *all.Next)
	}
	for _, alert := range all.Items {
		if alert.EndedAt != nil {
			page.Past = append(page.Past, alert)
		}
	}
	return nil
}

// alertsDone says what was done, by the parameter of the address that follows.
var alertsDone = map[string]string{
	"created": "The rule is looked at from now on.", "pause": "Paused: the rule is not looked at, and its alerts have ended.",
	"resume": "Resumed.", "silence": "Silenced: nobody is told of alerts that begin.", "speak": "The silence has ended.",
	"remove": "Removed.", "webhook-removed": "The webhook is removed, with the notices that waited for it.",
}

func backToAlerts(v *visit, done string) error {
	to := "/alerts?done=" + done
	if v.chosen != 0 {
		to = further(to, "account", strconv.FormatInt(v.chosen, 10))
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// formNumber is a field of a form that is a number; 0 where it is empty.
func formNumber(v *visit, name string) (int64, error) {
	text := v.r.PostFormValue(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &badRequest{name + " is a number."}
	}
	return n, nil
}

// formAccount is the account that a form is about. A user of one account names no other.
func formAccount(v *visit) (int64, error) {
	if v.user.AccountID != nil {
		return *v.user.AccountID, nil
	}
	return formNumber(v, "account")
}

func (c *Console) createRule(v *visit) error {
	account, err := formAccount(v)
	if err != nil {
		return err
	}
	if account == 0 {
		return &badRequest{"Name the account that the rule watches."}
	}
	form := alerts.RuleForm{Name: v.r.PostFormValue("name"), Condition: alerts.Condition(v.r.PostFormValue("when")), EachOffer: v.r.PostFormValue("each") != ""}
	for name, into := range map[string]*int64{"offer": &form.Offer, "window": &form.WindowMinutes, "percent": &form.Percent, "least": &form.Least} {
		if *into, err = formNumber(v, name); err != nil {
			return err
		}
	}
	if _, err := c.Alerts.Rules.Create(v.ctx(), form.NewRule(account)); err != nil {
		return err
	}
	return backToAlerts(v, "created")
}

// silences are for how long a form offers to silence a rule, in hours.
var silences = []choice{{"1", "1 hour"}, {"8", "8 hours"}, {"24", "a day"}, {"168", "7 days"}}

// mostSilence bounds a silence in hours.
const mostSilence = 365 * 24

func (c *Console) actOnRule(v *visit) error {
	id, err := pathNumber(v)
	if err != nil {
		return err
	}
	change, err := ruleChange(v)
	if err != nil {
		return err
	}
	if _, err := c.Alerts.Rules.Edit(v.ctx(), v.account(), id, change); err != nil {
		return err
	}
	return backToAlerts(v, v.r.PathValue("act"))
}

func ruleChange(v *visit) (change alerts.RuleChange, err error) {
	status := func(s alerts.Status) *alerts.Status { return &s }
	switch v.r.PathValue("act") {
	case "pause":
		change.Status = status(alerts.Paused)
	case "resume":
		change.Status = status(alerts.Active)
	case "remove":
		change.Status = status(alerts.Removed)
	case "speak":
		change.SilencedUntil = &time.Time{}
	case "silence":
		hours, err := formNumber(v, "hours")
		if err != nil || hours == 0 || hours > mostSilence {
			return change, &badRequest{"hours is a number from 1 to " + strconv.Itoa(mostSilence) + "."}
		}
		until := time.Now().Add(time.Duration(hours) * time.Hour)
		change.SilencedUntil = &until
	default:
		err = errNoPage
	}
	return change, err
}

// pathNumber is the id in the path.
func pathNumber(v *visit) (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, errNoPage
	}
	return id, nil
}

// Conditions are the choices of the form.
func (alertsShown) Conditions() []choice { return conditions }

// Silences are the choices of the form.
func (alertsShown) Silences() []choice { return silences }

// silencedNow reports whether nobody is told of alerts of a rule that begin now.
func silencedNow(rule alerts.Rule) bool {
	return rule.SilencedUntil != nil && rule.SilencedUntil.After(time.Now())
}

// windowOf writes how long the time is that a rule looks at.
func windowOf(rule alerts.Rule) string {
	return operate.Span(time.Duration(rule.WindowMinutes) * time.Minute)
}
