package console

import (
	"context"
	"net/http"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
)

func (c *Console) routeKeys(mux *http.ServeMux) {
	all := c.keys()
	all.register(mux)
	c.page(mux, "POST /setup/keys/{id}/revoke", changing, func(v *visit) error { return c.revokeKey(v, all) })
}

func (c *Console) keys() section[keys.Key] {
	return section[keys.Key]{
		Console: c, place: keyPlace, noun: history.Key, object: reference.KeyObject,
		heads: []head{{"key", true}, {"name", false}, {"opens", false}, {"role", false}, {"begins with", false}, {"created", false}, {"last used", false}, {"revoked", false}},
		row: func(k keys.Key) []cell {
			return []cell{idCell(k.ID), {Text: k.Name, Class: "text"}, {Text: accountWords(k.AccountID)}, {Text: string(k.Role)}, {Text: k.Prefix + "…", Class: "code"}, timeCell(k.CreatedAt), timeCell(k.LastUsedAt), timeCell(k.RevokedAt)}
		},
		filters: func(v *visit) []field {
			return append(chosenAccount(v), field{Name: "current", Words: "not revoked", Kind: checkField, Value: v.query("current")})
		},
		list: func(v *visit) ([]keys.Key, error) {
			return c.Keys.List(v.ctx(), keys.Filter{Account: v.account(), Current: v.query("current") != ""})
		},
		id:  func(k *keys.Key) int64 { return k.ID },
		key: func(k keys.Key) string { return numberOf(k.ID) },
		show: byNumber(func(v *visit, id int64) (keys.Key, error) {
			return c.Keys.Show(v.ctx(), v.account(), id)
		}),
		fields: func(v *visit, of keys.Key, isNew bool) ([]field, error) {
			if !isNew {
				return nil, nil
			}
			name := nameField("")
			name.Hint = "What the key is for, for people."
			return append(ownerFields(v, v.query("account")), name, field{Name: "role", Words: "role", Kind: choiceField, Value: string(keys.Read), Choices: keyRoles,
				Hint: "read looks; operate also acts on dead letters and, of all accounts, pauses queues; admin also creates and edits reference data, and sees tokens. No key makes keys: people do."}), nil
		},
		add: func(ctx context.Context, p *sent) (none keys.Key, _ reference.Warnings, _ error) {
			account := p.owner()
			if err := p.err(); err != nil {
				return none, nil, err
			}
			made, err := c.Keys.Create(ctx, keys.NewKey{Account: account, Role: keys.Role(p.text("role")), Name: p.text("name")})
			return made, nil, err
		},
		secret: func(_ *visit, made keys.Key) (*secretShown, error) {
			return &secretShown{Words: "The key", Text: made.Key, Note: "Keep it now: it cannot be shown again."}, nil
		},
		complete: func(v *visit, of keys.Key, page *objectShown) error {
			page.Facts = []fact{{"name", of.Name}, {"opens", accountWords(of.AccountID)}, {"role", string(of.Role)}, {"begins with", of.Prefix}, {"created", clock(of.CreatedAt)}, {"last used", clock(of.LastUsedAt)}, {"revoked", clock(of.RevokedAt)}}
			if of.RevokedAt == nil {
				page.Extra = inAccount(v, keyPlace.Path+"/"+numberOf(of.ID)+"/revoke")
			}
			return nil
		},
	}
}

var keyRoles = []choice{{string(keys.Read), "read"}, {string(keys.Operate), "operate"}, {string(keys.Admin), "admin"}}

// accountWords say what somebody sees; nil is all.
func accountWords(account *int64) string {
	if account == nil {
		return "all accounts"
	}
	return "account " + numberOf(*account)
}

// ownerFields are the account that somebody sees, or all: a user of one account chooses
// neither.
func ownerFields(v *visit, account string) []field {
	if v.user.AccountID != nil {
		return nil
	}
	return []field{
		{Name: "account", Words: "account", Kind: numberField, Value: account, Hint: "The only one."},
		{Name: "all", Words: "all accounts", Kind: checkField, Hint: "And the figures of the whole system."},
	}
}

func (c *Console) revokeKey(v *visit, all section[keys.Key]) error {
	of, err := all.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := c.Keys.Revoke(v.ctx(), v.account(), of.ID); err != nil {
		return err
	}
	return all.back(v, numberOf(of.ID), "revoked")
}
