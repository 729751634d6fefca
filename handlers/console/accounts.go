package console

import (
	"context"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// accounts is the section of accounts, which are of the whole system.
func (c *Console) accounts() section[reference.Account] {
	return section[reference.Account]{
		Console: c, place: accountPlace, noun: history.Account, object: reference.AccountObject,
		heads: []head{{"account", true}, {"name", false}, {"created", false}},
		row: func(a reference.Account) []cell {
			return []cell{idCell(a.ID), {Text: a.Name, Class: "text"}, timeCell(a.CreatedAt)}
		},
		filters: func(v *visit) []field { return []field{part(v, "name", "name")} },
		list:    func(v *visit) ([]reference.Account, error) { return c.Accounts.List(v.ctx(), v.query("name")) },
		id:      func(a *reference.Account) int64 { return a.ID },
		key:     func(a reference.Account) string { return numberOf(a.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Account, error) {
			return c.Accounts.Show(v.ctx(), id)
		}),
		fields: func(_ *visit, of reference.Account, _ bool) ([]field, error) { return []field{nameField(of.Name)}, nil },
		add: func(ctx context.Context, p *sent) (reference.Account, reference.Warnings, error) {
			return c.Accounts.Create(ctx, p.text("name"))
		},
		alter: func(ctx context.Context, _ int64, before reference.Account, p *sent) (reference.Account, reference.Warnings, error) {
			return c.Accounts.Rename(ctx, before.ID, p.text("name"))
		},
		complete: func(_ *visit, of reference.Account, page *objectShown) error {
			page.Facts = []fact{{"created", clock(of.CreatedAt)}}
			page.Extra = of
			return nil
		},
	}
}
