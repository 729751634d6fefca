package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/alerts"
)

type alertCommand struct {
	Create  alertCreateCommand  `cmd:"" help:"Say what is unusual for an account or its offers."`
	Rules   alertRulesCommand   `cmd:"" help:"List what alerts look for."`
	Edit    alertEditCommand    `cmd:"" help:"Change what a rule looks for, pause, resume or remove it."`
	Silence alertSilenceCommand `cmd:"" help:"Have nobody told of alerts of a rule that begin within a time."`
	List    alertListCommand    `cmd:"" help:"List the alerts that are on and those that have ended, the latest first, with what became of their notices."`
}

func (inv *invocation) alertRules() (alerts.Rules, error) {
	db, err := inv.store()
	return alerts.Rules{Store: db}, err
}

type alertCreateCommand struct {
	output
	Account   int64            `required:"" placeholder:"ID" help:"Account that it watches."`
	When      alerts.Condition `required:"" enum:"rejection_rate,conversion_drop,no_conversions,new_reason" placeholder:"CONDITION" help:"rejection_rate: so many percent of the postbacks are rejected. conversion_drop: fewer conversions than so many percent of the same time a week earlier. no_conversions: clicks and no conversion. new_reason: rejections for a reason that the week before had none for."`
	Offer     int64            `xor:"offers" placeholder:"ID" help:"Only this offer. Default: the sum of all."`
	EachOffer bool             `xor:"offers" help:"Each offer for itself."`
	Name      string           `required:"" placeholder:"NAME" help:"Name of the rule, for people."`
	Window    time.Duration    `placeholder:"TIME" help:"How long the time is that is looked at, in quarter hours. Default: 1h, and 6h for no_conversions."`
	Percent   int64            `placeholder:"N" help:"Percentage of the condition. Default: 50."`
	Least     int64            `placeholder:"N" help:"How much there must be to judge. Default: 50 postbacks, 20 conversions a week earlier, 200 clicks, 10 rejections."`
}

// Run creates a rule.
func (c *alertCreateCommand) Run(ctx context.Context, inv *invocation) error {
	rules, err := inv.alertRules()
	if err != nil {
		return err
	}
	return printing(c.output, inv, alertRuleTable).one(rules.Create(ctx, alerts.NewRule{
		Account: c.Account, Offer: c.Offer, EachOffer: c.EachOffer, Name: c.Name,
		Condition: c.When, Window: c.Window, Percent: c.Percent, Least: c.Least,
	}))
}

type alertRulesCommand struct {
	output
	ofAccounts
}

// Run lists rules.
func (c *alertRulesCommand) Run(ctx context.Context, inv *invocation) error {
	rules, err := inv.alertRules()
	if err != nil {
		return err
	}
	return printing(c.output, inv, alertRuleTable).list(rules.List(ctx, c.Account))
}

type alertEditCommand struct {
	output
	ofAccount
	ID      int64          `arg:"" help:"Number of the rule."`
	Status  alerts.Status  `default:"" enum:",active,paused,removed" placeholder:"STATUS" help:"active, paused or removed. A rule that is not active ends its alerts."`
	Name    string         `placeholder:"NAME" help:"Name of the rule, for people."`
	Window  *time.Duration `placeholder:"TIME" help:"How long the time is that is looked at, in quarter hours."`
	Percent *int64         `placeholder:"N" help:"Percentage of the condition."`
	Least   *int64         `placeholder:"N" help:"How much there must be to judge."`
}

// Validate refuses an edit that changes nothing.
func (c *alertEditCommand) Validate() error {
	if c.change() == (alerts.RuleChange{}) {
		return errNothingToChange
	}
	return nil
}

func (c *alertEditCommand) change() alerts.RuleChange {
	return alerts.RuleChange{Status: given(c.Status), Name: given(c.Name), Window: c.Window, Percent: c.Percent, Least: c.Least}
}

// Run changes a rule.
func (c *alertEditCommand) Run(ctx context.Context, inv *invocation) error {
	rules, err := inv.alertRules()
	if err != nil {
		return err
	}
	return printing(c.output, inv, alertRuleTable).one(rules.Edit(ctx, c.Account, c.ID, c.change()))
}

type alertSilenceCommand struct {
	output
	ofAccount
	ID  int64         `arg:"" help:"Number of the rule."`
	For time.Duration `required:"" range:"0s..365d" placeholder:"TIME" help:"How long from now; 0s ends a silence."`
}

// Run silences a rule.
func (c *alertSilenceCommand) Run(ctx context.Context, inv *invocation) error {
	rules, err := inv.alertRules()
	if err != nil {
		return err
	}
	var until time.Time
	if c.For > 0 {
		until = time.Now().Add(c.For)
	}
	return printing(c.output, inv, alertRuleTable).one(rules.Edit(ctx, c.Account, c.ID, alerts.RuleChange{SilencedUntil: &until}))
}

func alertRuleTable(rules ...alerts.Rule) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "OFFER", "NAME", "WHEN", "WINDOW", "PERCENT", "LEAST", "STATUS", "SILENCED UNTIL")
		for _, rule := range rules {
			t.row(rule.ID, rule.AccountID, offersInWords(rule), long(rule.Name), rule.Condition,
				operate.Span(time.Duration(rule.WindowMinutes)*time.Minute), percentOrDash(rule), rule.Least, rule.Status, timeText(rule.SilencedUntil))
		}
	}
}

func offersInWords(rule alerts.Rule) string {
	switch {
	case rule.OfferID != nil:
		return fmt.Sprint(*rule.OfferID)
	case rule.EachOffer:
		return "(each)"
	default:
		return "(sum)"
	}
}

type alertListCommand struct {
	output
	ofAccounts
	Rule  int64 `placeholder:"ID" help:"Only alerts of this rule."`
	On    bool  `help:"Only alerts that are on."`
	Below int64 `placeholder:"ID" help:"Only alerts with a smaller number: go on where a list ended."`
	Limit int   `default:"50" range:"1..10000" placeholder:"N" help:"At most so many."`
}

// Run lists alerts.
func (c *alertListCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	log := alerts.Log{Store: db}
	return printing(c.output, inv, alertTable).list(log.List(ctx, alerts.Filter{Account: c.Account, Rule: c.Rule, On: c.On}, c.Below, c.Limit))
}

func alertTable(all ...alerts.Alert) func(*table) {
	return func(t *table) {
		t.row("ID", "RULE", "BEGAN", "ENDED", "TOLD", "WHAT")
		for _, alert := range all {
			t.row(alert.ID, fmt.Sprintf("%d %s", alert.RuleID, alert.Name), operate.Clock(alert.BeganAt), timeText(alert.EndedAt), toldText(alert),
				long(strings.TrimSuffix(alert.Text+"; "+alert.EndText, "; ")))
		}
	}
}

// toldText says what became of the notices of an alert.
func toldText(alert alerts.Alert) string {
	switch {
	case alert.Silenced:
		return "nobody (silenced)"
	case alert.Notices == 0:
		return "nobody"
	case alert.LastError != "":
		return fmt.Sprintf("%d of %d: %s", alert.Sent, alert.Notices, alert.LastError)
	default:
		return fmt.Sprintf("%d of %d", alert.Sent, alert.Notices)
	}
}

func percentOrDash(rule alerts.Rule) string {
	if rule.Percent == 0 {
		return "-"
	}
	return fmt.Sprint(rule.Percent)
}
