package console

import (
	"context"
	"errors"
	"net/http"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

func (c *Console) routeOffers(mux *http.ServeMux) {
	offers := c.offers()
	offers.register(mux)
	c.page(mux, "POST /setup/offers/{id}/terms", changing, func(v *visit) error { return c.setTerms(v, offers) })
	c.page(mux, "POST /setup/offers/{id}/terms/clear", changing, func(v *visit) error { return c.clearTerms(v, offers) })
	c.page(mux, "POST /setup/offers/{id}/orders", changing, func(v *visit) error { return c.switchOrders(v, offers) })
}

func (c *Console) offers() section[reference.Offer] {
	return section[reference.Offer]{
		Console: c, place: offerPlace, noun: history.Offer, object: reference.OfferObject,
		heads: []head{{"offer", true}, {"account", true}, {"advertiser", true}, {"name", false}, {"state", false}, {"payout", true}, {"revenue", true}, {"currency", false}, {"window", false}, {"destination", false}},
		row: func(o reference.Offer) []cell {
			return []cell{idCell(o.ID), idCell(o.AccountID), idCell(o.Advertiser), {Text: o.Name, Class: "text"}, statusCell(o.Status),
				{Text: o.Payout, Class: "n"}, {Text: o.Revenue, Class: "n"}, {Text: o.Currency}, {Text: o.Window}, {Text: o.Destination, Class: "text breaks"}}
		},
		filters: func(v *visit) []field {
			return append(chosenAccount(v), part(v, "name", "name"), field{Name: "advertiser", Words: "advertiser", Kind: numberField, Value: v.query("advertiser")}, statusFilter(v))
		},
		list: func(v *visit) ([]reference.Offer, error) {
			advertiser, err := v.number("advertiser")
			if err != nil {
				return nil, err
			}
			return c.Offers.List(v.ctx(), reference.OfferFilter{Account: v.account(), Advertiser: advertiser, Name: v.query("name"), Status: attribution.Status(v.query("status"))})
		},
		id:  func(o *reference.Offer) int64 { return o.ID },
		key: func(o reference.Offer) string { return numberOf(o.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Offer, error) {
			return c.Offers.Show(v.ctx(), v.account(), id)
		}),
		fields: c.offerFields,
		add: func(ctx context.Context, p *sent) (none reference.Offer, _ reference.Warnings, _ error) {
			account := p.account()
			form := offerForm(p)
			offer, err := form.NewOffer(account)
			if err := errors.Join(p.err(), err); err != nil {
				return none, nil, err
			}
			return c.Offers.Create(ctx, offer)
		},
		alter: func(ctx context.Context, account int64, before reference.Offer, p *sent) (none reference.Offer, _ reference.Warnings, _ error) {
			form := offerEditForm(p)
			edit, err := form.Edit()
			if err := errors.Join(p.err(), err); err != nil {
				return none, nil, err
			}
			return c.Offers.Edit(ctx, account, before.ID, edit)
		},
		complete: c.completeOffer,
	}
}

// offerShown is what the page of an offer shows beside its form.
type offerShown struct {
	reference.Offer
	// Terms are of single publishers, each with the form that changes them.
	Terms []termsShown
	// New is the form of another publisher's terms.
	New termsShown
	// Orders says whether an order_id is paid once, and Switches what the button does.
	Orders   string
	Switches bool
	// Version is that of the offer; empty for those who may not edit.
	Version                    string
	TermsTo, ClearTo, OrdersTo string
	Integration                string
}

// ordersWords say what a state of unique orders means.
var ordersWords = map[reference.UniqueOrders]string{
	reference.OrdersRepeat:  "An order_id may repeat.",
	reference.OrdersUnique:  "An order_id is paid once, whatever the way in, the click and the publisher.",
	reference.OrdersFilling: "Not unique yet: earlier conversions are being read. Where that was interrupted, switch it on again.",
	reference.OrdersEnded:   "An order_id may repeat, but not for what was clicked or received before unique orders ended.",
}

func (c *Console) completeOffer(v *visit, of reference.Offer, page *objectShown) error {
	_, warnings, err := c.Offers.Check(v.ctx(), of.AccountID, of.ID)
	if err != nil {
		return err
	}
	page.Warnings = warnings
	page.Facts = append(factsOf(of.AccountID, of.CreatedAt), fact{"tracking link", of.TrackingLink})
	for _, rules := range of.Identity {
		if rules.From != nil {
			page.Facts = append(page.Facts, fact{"for clicks from " + clock(*rules.From), identityWords(rules)})
		}
	}
	shown := offerShown{
		Offer: of, Orders: ordersWords[of.OrdersState], Switches: of.OrdersState != reference.OrdersUnique,
		TermsTo: inAccount(v, c.offerPath(of)+"/terms"), ClearTo: inAccount(v, c.offerPath(of)+"/terms/clear"), OrdersTo: inAccount(v, c.offerPath(of)+"/orders"),
		Integration: further(inAccount(v, "/integration"), "offer", numberOf(of.ID)),
		New:         termsShown{Fields: termsFields(reference.Override{}, true)},
	}
	if changing.allows(v.user) == nil {
		shown.Version = reference.VersionOf(of)
	}
	for _, one := range of.Overrides {
		shown.Terms = append(shown.Terms, termsShown{one, termsFields(one, false)})
	}
	page.Extra = shown
	return nil
}

func (c *Console) offerPath(of reference.Offer) string {
	return offerPlace.Path + "/" + numberOf(of.ID)
}

func identityWords(rules reference.Identity) string {
	if rules.ManyPerClick {
		return "several conversions a click, one for each order_id"
	}
	return "one conversion a click"
}
