package console

import (
	"strings"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

// offerFields are the fields of an offer, which are those of reference.OfferForm and
// reference.OfferEditForm.
func (c *Console) offerFields(v *visit, of reference.Offer, isNew bool) ([]field, error) {
	account := of.AccountID
	if isNew {
		account, of.Window, of.Status = v.account(), operate.Span(attribution.DefaultWindow), attribution.Active
	}
	advertisers, err := c.advertisersOf(v, account)
	if err != nil {
		return nil, err
	}
	fields := []field{
		{Name: "advertiser", Words: "advertiser", Kind: numberField, Value: numberOf(of.Advertiser), Known: advertisers, Required: true, Hint: "Its number. Whose offer it is."},
		nameField(of.Name),
		{Name: "destination", Words: "destination", Kind: textField, Value: of.Destination, Required: true, Most: 8192, Sample: "the shop's page, with ?clickid={transaction_id}",
			Hint: "Where visitors are sent, with macros such as {transaction_id}, {publisher} or {sub_id}."},
		{Name: "payout", Words: "payout", Kind: textField, Value: of.Payout, Required: true, Most: 50, Sample: "2.50 or 80%", Hint: "What the publisher earns a conversion: an amount, or a share of the revenue sent."},
		{Name: "revenue", Words: "revenue", Kind: textField, Value: of.Revenue, Required: true, Most: 50, Sample: "3.00 or 100%", Hint: "What the advertiser owes a conversion."},
		{Name: "currency", Words: "currency", Kind: textField, Value: of.Currency, Required: true, Most: 3, Sample: "USD", Hint: "Of payout and revenue (ISO 4217). Amounts are not converted."},
		{Name: "window", Words: "window", Kind: textField, Value: of.Window, Most: 50, Sample: "30d", Hint: "How long after its click a conversion still counts: 30d, 12h."},
		statusField(of.Status, "Links of a paused offer send nobody on, and nothing converts; what arrives can be replayed later."),
		{Name: "own_amounts", Words: "own amounts", Kind: checkField, Value: checkOf(of.OwnAmounts), Hint: "Amounts of clickless hits replace the offer's with every token, and not only with one made for clickless."},
		{Name: "ceiling", Words: "ceiling", Kind: textField, Value: ceilingOf(of), Most: 50, Sample: "none", Hint: "Largest revenue and payout of a clickless hit that count; above it the offer's terms pay."},
		{Name: "many_per_click", Words: "many per click", Kind: checkField, Value: checkOf(of.ManyPerClick), Hint: "One click converts several times, once for each order_id, which is then required. For clicks from a minute ahead: earlier ones keep their rule."},
		{Name: "base_words", Words: "base words", Kind: textField, Value: strings.Join(of.BaseWords, ", "), Most: 8192, Sample: "trial, order", Hint: "Words that mean an approved base conversion in its senders' events and statuses, beside approved, sale, lead and the like."},
		{Name: "ignored_params", Words: "ignored parameters", Kind: textField, Value: strings.Join(of.IgnoredParams, ", "), Most: 8192, Sample: "status, goal_id", Hint: "Parameters that its senders use for something else: what they say is of no account."},
	}
	if isNew {
		fields = append(fields, field{Name: "unique_orders", Words: "unique orders", Kind: checkField, Hint: "Pay an order_id once, whatever the way in, the click and the publisher."})
	}
	fields = append(fields, field{Name: "allow_missing_transaction_id", Words: "take a destination without {transaction_id}", Kind: checkField, Passing: true,
		Hint: "For offers that only convert without clicks."})
	return ofAccount(v, isNew, fields...), nil
}

// ceilingOf is the text of an offer's ceiling; empty for none.
func ceilingOf(of reference.Offer) string {
	if of.Ceiling == nil {
		return ""
	}
	return *of.Ceiling
}

// knownOffered is how many objects a form offers; any other is named by number.
const knownOffered = 100

// advertisersOf are those of an account that the form offers.
func (c *Console) advertisersOf(v *visit, account int64) (known []choice, err error) {
	if account == 0 {
		return nil, nil
	}
	all, err := c.Advertisers.List(v.ctx(), account, "")
	for _, one := range all[:min(knownOffered, len(all))] {
		known = append(known, choice{numberOf(one.ID), one.Name})
	}
	return known, err
}

// offerForm is the offer that was typed.
func offerForm(p *sent) reference.OfferForm {
	return reference.OfferForm{
		Advertiser: p.required("advertiser"), Name: p.text("name"), Destination: p.text("destination"),
		Payout: p.text("payout"), Revenue: p.text("revenue"), Currency: p.text("currency"), Window: p.text("window"), Status: p.status("status"),
		OwnAmounts: p.flag("own_amounts"), Ceiling: p.text("ceiling"), ManyPerClick: p.flag("many_per_click"), UniqueOrders: p.flag("unique_orders"),
		BaseWords: p.list("base_words"), IgnoredParams: p.list("ignored_params"),
		AllowMissingTransactionID: p.flag("allow_missing_transaction_id"),
	}
}

// offerEditForm is what was typed that changes the offer.
func offerEditForm(p *sent) reference.OfferEditForm {
	return reference.OfferEditForm{
		Advertiser: changed(p, "advertiser", p.required), Name: changed(p, "name", p.text), Destination: changed(p, "destination", p.text),
		Payout: changed(p, "payout", p.text), Revenue: changed(p, "revenue", p.text), Currency: changed(p, "currency", p.text), Window: changed(p, "window", p.text),
		Status: changed(p, "status", p.status), OwnAmounts: changed(p, "own_amounts", p.flag), Ceiling: changed(p, "ceiling", p.ceiling),
		ManyPerClick: changed(p, "many_per_click", p.flag), BaseWords: changed(p, "base_words", p.list), IgnoredParams: changed(p, "ignored_params", p.list),
		AllowMissingTransactionID: p.flag("allow_missing_transaction_id"),
	}
}

// required is a number that may not be missing.
func (p *sent) required(name string) int64 {
	id := p.number(name)
	if p.text(name) == "" {
		p.fault(name, "name the "+name+" by its number")
	}
	return id
}

// ceiling is a ceiling that was typed; an empty one is none.
func (p *sent) ceiling(name string) string {
	if text := p.text(name); text != "" {
		return text
	}
	return "none"
}
