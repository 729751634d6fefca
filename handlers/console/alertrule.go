package console

import (
	"context"
	"net/http"
	"time"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

// rulePlace is where rules are shown one by one; the page of alerts lists and makes them.
var rulePlace = place{"/alerts/rules", "alert rule", "alert rules", "Says what is unusual for an account or its offers.", access{role: users.Viewer}, access{role: users.Operator}}

// routeRules registers the pages of rules.
func (c *Console) routeRules(mux *http.ServeMux) {
	rules := c.rules()
	c.page(mux, "POST "+rules.Path, rules.changes, c.createRule)
	c.page(mux, "GET "+rules.Path+"/{id}", rules.sees, rules.objectPage)
	c.page(mux, "POST "+rules.Path+"/{id}", rules.changes, rules.edit)
	c.page(mux, "POST "+rules.Path+"/{id}/{act}", rules.changes, c.actOnRule)
}

func (c *Console) rules() section[alerts.Rule] {
	return section[alerts.Rule]{
		Console: c, place: rulePlace, noun: history.AlertRule, object: reference.AlertRuleObject,
		id:  func(r *alerts.Rule) int64 { return r.ID },
		key: func(r alerts.Rule) string { return numberOf(r.ID) },
		show: byNumber(func(v *visit, id int64) (alerts.Rule, error) {
			return c.Alerts.Rules.Show(v.ctx(), v.account(), id)
		}),
		fields: ruleFields,
		alter: func(ctx context.Context, account int64, before alerts.Rule, p *sent) (none alerts.Rule, _ reference.Warnings, _ error) {
			change := alerts.RuleChange{Name: changed(p, "name", p.text), Percent: changed(p, "percent", p.number), Least: changed(p, "least", p.number)}
			if p.changes("window_minutes") {
				change.Window = new(time.Duration(p.number("window_minutes")) * time.Minute)
			}
			if err := p.err(); err != nil {
				return none, nil, err
			}
			after, err := c.Alerts.Rules.Edit(ctx, account, before.ID, change)
			return after, nil, err
		},
		complete: func(v *visit, of alerts.Rule, page *objectShown) error {
			page.Facts = append([]fact{{"when", conditionWords(of.Condition)}, {"offers", offersWords(of)}, {"state", string(of.Status)}, {"silent until", clock(of.SilencedUntil)}}, factsOf(of.AccountID, of.CreatedAt)...)
			page.Extra = inAccount(v, further("/alerts", "rule", numberOf(of.ID)))
			return nil
		},
	}
}

// leastWords say what there must be so much of to judge.
var leastWords = map[alerts.Condition]string{
	alerts.RejectionRate: "Postbacks in the window.", alerts.ConversionDrop: "Conversions a week earlier.",
	alerts.NoConversions: "Clicks in the window.", alerts.NewReason: "Rejections for the reason.",
}

func ruleFields(_ *visit, of alerts.Rule, _ bool) ([]field, error) {
	fields := []field{nameField(of.Name), {Name: "window_minutes", Words: "window in minutes", Kind: numberField, Value: numberOf(of.WindowMinutes), Required: true,
		Hint: "How long the time is that is looked at: 15, 30, 45 and so on, at most 10080, which is a week."}}
	switch of.Condition {
	case alerts.RejectionRate:
		fields = append(fields, field{Name: "percent", Words: "percent", Kind: numberField, Value: numberOf(of.Percent), Required: true, Hint: "An alert begins when so much of the postbacks is rejected, or more."})
	case alerts.ConversionDrop:
		fields = append(fields, field{Name: "percent", Words: "percent", Kind: numberField, Value: numberOf(of.Percent), Required: true, Hint: "An alert begins when the window has less than so much of the conversions of a week earlier."})
	}
	return append(fields, field{Name: "least", Words: "least to judge", Kind: numberField, Value: numberOf(of.Least), Required: true, Hint: leastWords[of.Condition]}), nil
}

// conditions are the choices of the form of a new rule.
var conditions = []choice{
	{string(alerts.RejectionRate), "many postbacks are rejected"},
	{string(alerts.ConversionDrop), "fewer conversions than a week earlier"},
	{string(alerts.NoConversions), "clicks and no conversion"},
	{string(alerts.NewReason), "rejections for a new reason"},
}

func conditionWords(of alerts.Condition) string {
	return field{Kind: choiceField, Value: string(of), Choices: conditions}.Of()
}

func offersWords(of alerts.Rule) string {
	switch {
	case of.OfferID != nil:
		return "offer " + numberOf(*of.OfferID)
	case of.EachOffer:
		return "each for itself"
	default:
		return "the sum of all"
	}
}
