package console

import (
	"context"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

func (c *Console) advertisers() section[reference.Advertiser] {
	return section[reference.Advertiser]{
		Console: c, place: advertiserPlace, noun: history.Advertiser, object: reference.AdvertiserObject,
		heads: []head{{"advertiser", true}, {"account", true}, {"name", false}, {"created", false}},
		row: func(a reference.Advertiser) []cell {
			return []cell{idCell(a.ID), idCell(a.AccountID), {Text: a.Name, Class: "text"}, timeCell(a.CreatedAt)}
		},
		filters: func(v *visit) []field { return append(chosenAccount(v), part(v, "name", "name")) },
		list: func(v *visit) ([]reference.Advertiser, error) {
			return c.Advertisers.List(v.ctx(), v.account(), v.query("name"))
		},
		id:  func(a *reference.Advertiser) int64 { return a.ID },
		key: func(a reference.Advertiser) string { return numberOf(a.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Advertiser, error) {
			return c.Advertisers.Show(v.ctx(), v.account(), id)
		}),
		fields: func(v *visit, of reference.Advertiser, isNew bool) ([]field, error) {
			return ofAccount(v, isNew, nameField(of.Name)), nil
		},
		add: func(ctx context.Context, p *sent) (none reference.Advertiser, _ reference.Warnings, _ error) {
			account := p.account()
			if err := p.err(); err != nil {
				return none, nil, err
			}
			return c.Advertisers.Create(ctx, account, p.text("name"))
		},
		alter: func(ctx context.Context, account int64, before reference.Advertiser, p *sent) (reference.Advertiser, reference.Warnings, error) {
			return c.Advertisers.Rename(ctx, account, before.ID, p.text("name"))
		},
		complete: func(v *visit, of reference.Advertiser, page *objectShown) error {
			page.Facts = factsOf(of.AccountID, of.CreatedAt)
			page.Extra = further(inAccount(v, offerPlace.Path), "advertiser", numberOf(of.ID))
			return nil
		},
	}
}
