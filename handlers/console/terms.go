package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"integr8/handlers/operate/orders"
	"integr8/handlers/operate/reference"
)

// termsShown are a publisher's own terms for an offer, with the form that changes them.
type termsShown struct {
	reference.Override
	Fields []field
}

// termsFields are the fields of reference.TermsForm, and for new terms also the publisher.
func termsFields(of reference.Override, isNew bool) []field {
	fields := []field{
		{Name: "payout", Words: "payout", Kind: textField, Value: orNone(of.Payout), Most: 50, Sample: "the offer's"},
		{Name: "revenue", Words: "revenue", Kind: textField, Value: orNone(of.Revenue), Most: 50, Sample: "the offer's"},
	}
	if isNew {
		return append([]field{{Name: "publisher", Words: "publisher", Kind: numberField, Required: true}}, fields...)
	}
	return fields
}

// orNone is a text that may be nil.
func orNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// setTerms sets a publisher's own terms. An empty field keeps what was set before, or the
// offer's.
func (c *Console) setTerms(v *visit, offers section[reference.Offer]) error {
	return c.onOffer(v, offers, "terms", func(ctx context.Context, account, id int64, p *sent) (reference.Offer, reference.Warnings, error) {
		var form reference.TermsForm
		for name, into := range map[string]**string{"payout": &form.Payout, "revenue": &form.Revenue} {
			if text := p.text(name); text != "" {
				*into = &text
			}
		}
		publisher := p.required("publisher")
		terms, err := form.Terms()
		if err := errors.Join(p.err(), err); err != nil {
			return reference.Offer{}, nil, err
		}
		return c.Offers.SetTerms(ctx, account, id, publisher, terms)
	})
}

func (c *Console) clearTerms(v *visit, offers section[reference.Offer]) error {
	return c.onOffer(v, offers, "cleared", func(ctx context.Context, account, id int64, p *sent) (reference.Offer, reference.Warnings, error) {
		publisher := p.required("publisher")
		if err := p.err(); err != nil {
			return reference.Offer{}, nil, err
		}
		return c.Offers.ClearTerms(ctx, account, id, publisher)
	})
}

// ordersPatience is how long a page waits for unique orders to be switched on, which reads
// all conversions.
const ordersPatience = 5 * time.Second

func (c *Console) switchOrders(v *visit, offers section[reference.Offer]) error {
	return c.onOffer(v, offers, "orders", func(ctx context.Context, account, id int64, p *sent) (reference.Offer, reference.Warnings, error) {
		return c.Orders.Switch(ctx, account, id, p.text("unique_orders") == "on", min(ordersPatience, c.Timeout/2))
	})
}

// onOffer changes an offer under the version that the person saw, by a form of its page
// other than that of its fields.
func (c *Console) onOffer(v *visit, offers section[reference.Offer], done string,
	change func(ctx context.Context, account, id int64, p *sent) (reference.Offer, reference.Warnings, error),
) error {
	of, err := offers.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &sent{visit: v, fields: termsFields(reference.Override{}, true)}
	ctx := reference.Under(v.ctx(), reference.Condition{Version: p.text("version")})
	if p.text("version") == "" {
		return &badRequest{"version is that of the offer."}
	}
	_, _, err = change(ctx, v.account(), of.ID, p)
	if err == nil {
		return offers.back(v, numberOf(of.ID), done) // which shows what there is to warn of
	}
	status, faults := http.StatusBadRequest, reference.FaultsOf(err)
	switch {
	case errors.Is(err, reference.ErrChanged):
		status, faults = http.StatusConflict, []reference.Fault{changedMeanwhile}
	case errors.Is(err, orders.ErrSwitching):
		status, faults = http.StatusServiceUnavailable, []reference.Fault{{Text: err.Error(), Hint: "try again when they are on"}}
	case !isOf(err, reference.ErrInvalid, reference.ErrConflict, reference.ErrNotFound):
		return err
	}
	if of, err = offers.show(v, numberOf(of.ID)); err != nil {
		return err
	}
	page, err := offers.pageOf(v, of)
	if err != nil {
		return err
	}
	page.Extra, page.Faults = page.Extra.(offerShown).refused(p, faults)
	return c.render(v, status, "setupobject", page.Title, page)
}

// refused is the offer with the form of a publisher's terms as it was typed, and the faults
// of none of its fields.
func (o offerShown) refused(p *sent, faults []reference.Fault) (offerShown, []reference.Fault) {
	fields, rest := p.typed(faults)
	for i := range o.Terms {
		if numberOf(o.Terms[i].Publisher) == p.text("publisher") {
			o.Terms[i].Fields = fields[1:] // without the publisher, which is that of the row
			return o, rest
		}
	}
	o.New.Fields = fields
	return o, rest
}
