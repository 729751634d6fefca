package console

import (
	"cmp"
	"context"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// accounts is the section of accounts, which are of the whole system.
func (c *Console) accounts() section[reference.Account] {
	return section[reference.Account]{
		Console: c, place: accountPlace, noun: history.Account, object: reference.AccountObject,
		heads: []head{{"account", true}, {"name", false}, {"time zone", false}, {"created", false}},
		row: func(a reference.Account) []cell {
			return []cell{idCell(a.ID), {Text: a.Name, Class: "text"}, {Text: a.TimeZone}, timeCell(a.CreatedAt)}
		},
		filters: func(v *visit) []field { return []field{part(v, "name", "name")} },
		list:    func(v *visit) ([]reference.Account, error) { return c.Accounts.List(v.ctx(), v.query("name")) },
		id:      func(a *reference.Account) int64 { return a.ID },
		key:     func(a reference.Account) string { return numberOf(a.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Account, error) {
			return c.Accounts.Show(v.ctx(), id)
		}),
		fields: func(_ *visit, of reference.Account, _ bool) ([]field, error) {
			return []field{nameField(of.Name), timeZoneField(of.TimeZone)}, nil
		},
		add: func(ctx context.Context, p *sent) (reference.Account, reference.Warnings, error) {
			return c.Accounts.Create(ctx, p.text("name"), p.text("time_zone"))
		},
		alter: func(ctx context.Context, _ int64, before reference.Account, p *sent) (none reference.Account, _ reference.Warnings, _ error) {
			change, err := reference.AccountEditForm{Name: changed(p, "name", p.text), TimeZone: changed(p, "time_zone", p.text)}.Change()
			if err != nil {
				return none, nil, err
			}
			return c.Accounts.Edit(ctx, before.ID, change)
		},
		complete: func(_ *visit, of reference.Account, page *objectShown) error {
			page.Facts = []fact{{"created", clock(of.CreatedAt)}}
			page.Extra = of
			return nil
		},
	}
}

func timeZoneField(is string) field {
	return field{Name: "time_zone", Words: "time zone", Kind: textField, Value: cmp.Or(is, reference.DefaultTimeZone), Most: 100, Sample: "Europe/Berlin",
		Hint: "Reports of this account have its days, unless another zone is asked for."}
}
