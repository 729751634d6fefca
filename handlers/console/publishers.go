package console

import (
	"context"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

func (c *Console) publishers() section[reference.Publisher] {
	return section[reference.Publisher]{
		Console: c, place: publisherPlace, noun: history.Publisher, object: reference.PublisherObject,
		heads: []head{{"publisher", true}, {"account", true}, {"name", false}, {"state", false}, {"created", false}},
		row: func(p reference.Publisher) []cell {
			return []cell{idCell(p.ID), idCell(p.AccountID), {Text: p.Name, Class: "text"}, statusCell(p.Status), timeCell(p.CreatedAt)}
		},
		filters: func(v *visit) []field {
			return append(chosenAccount(v), part(v, "name", "name"), statusFilter(v))
		},
		list: func(v *visit) ([]reference.Publisher, error) {
			return c.Publishers.List(v.ctx(), reference.PublisherFilter{Account: v.account(), Name: v.query("name"), Status: attribution.Status(v.query("status"))})
		},
		id:  func(p *reference.Publisher) int64 { return p.ID },
		key: func(p reference.Publisher) string { return numberOf(p.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Publisher, error) {
			return c.Publishers.Show(v.ctx(), v.account(), id)
		}),
		fields: func(v *visit, of reference.Publisher, isNew bool) ([]field, error) {
			if isNew {
				return ofAccount(v, true, nameField(of.Name)), nil
			}
			return []field{nameField(of.Name), statusField(of.Status, "Links of a paused publisher send nobody on, and nothing converts for it; what arrives can be replayed later.")}, nil
		},
		add: func(ctx context.Context, p *sent) (none reference.Publisher, _ reference.Warnings, _ error) {
			account := p.account()
			if err := p.err(); err != nil {
				return none, nil, err
			}
			return c.Publishers.Create(ctx, account, p.text("name"))
		},
		alter: func(ctx context.Context, account int64, before reference.Publisher, p *sent) (none reference.Publisher, _ reference.Warnings, _ error) {
			change, err := reference.PublisherForm{Name: changed(p, "name", p.text), Status: changed(p, "status", p.status)}.Change()
			if err != nil {
				return none, nil, err
			}
			return c.Publishers.Edit(ctx, account, before.ID, change)
		},
		complete: c.completePublisher,
	}
}

// ownTerms are the terms of a publisher's own for an offer.
type ownTerms struct {
	Offer reference.Offer
	reference.Override
	To string
}

// completePublisher reads for which offers the publisher has terms of its own.
func (c *Console) completePublisher(v *visit, of reference.Publisher, page *objectShown) error {
	page.Facts = factsOf(of.AccountID, of.CreatedAt)
	offers, err := c.Offers.List(v.ctx(), reference.OfferFilter{Account: of.AccountID})
	if err != nil {
		return err
	}
	own := []ownTerms{}
	for _, offer := range offers {
		for _, terms := range offer.Overrides {
			if terms.Publisher == of.ID {
				own = append(own, ownTerms{offer, terms, inAccount(v, offerPlace.Path+"/"+numberOf(offer.ID))})
			}
		}
	}
	page.Extra = own
	return nil
}

// The states of offers and publishers.
var states = []choice{{string(attribution.Active), "active"}, {string(attribution.Paused), "paused"}}

func statusField(is attribution.Status, hint string) field {
	return field{Name: "status", Words: "state", Kind: choiceField, Value: string(is), Choices: states, Hint: hint}
}

func statusFilter(v *visit) field {
	return field{Name: "status", Words: "state", Kind: choiceField, Value: v.query("status"), Choices: append([]choice{{"", "any"}}, states...)}
}

func statusCell(is attribution.Status) cell { return cell{Text: string(is), Class: "mark"} }

// status is a state that was chosen.
func (p *sent) status(name string) attribution.Status {
	is := p.text(name)
	if !chooses(states, is) {
		p.fault(name, "choose one of the states")
	}
	return attribution.Status(is)
}
