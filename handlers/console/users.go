package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

func (c *Console) routeUsers(mux *http.ServeMux) {
	people := c.people()
	people.register(mux)
	c.page(mux, "POST /setup/users/{id}/link", wholeOnly, func(v *visit) error { return c.linkUser(v, people) })
	c.page(mux, "POST /setup/users/{id}/logout", wholeOnly, func(v *visit) error { return c.logOutUser(v, people) })
}

// people is the section of users, each of whom a name identifies.
func (c *Console) people() section[users.User] {
	return section[users.User]{
		Console: c, place: userPlace, noun: history.User, object: userObject,
		heads: []head{{"user", false}, {"role", false}, {"sees", false}, {"created", false}, {"last log-in", false}, {"disabled", false}},
		row: func(u users.User) []cell {
			return []cell{{Text: u.Name, Class: "text"}, {Text: string(u.Role)}, {Text: accountWords(u.AccountID)}, timeCell(u.CreatedAt), timeCell(u.LastLogIn), timeCell(u.DisabledAt)}
		},
		filters: func(*visit) []field { return nil },
		list: func(v *visit) ([]users.User, error) {
			all, err := c.Users.List(v.ctx())
			slices.SortFunc(all, func(a, b users.User) int { return int(a.ID - b.ID) })
			return all, err
		},
		id:  func(u *users.User) int64 { return u.ID },
		key: func(u users.User) string { return u.Name },
		keyOf: func(v *visit, id int64) (string, error) {
			all, err := c.Users.List(v.ctx())
			at := slices.IndexFunc(all, func(u users.User) bool { return u.ID == id })
			if err == nil && at < 0 {
				err = errNoPage
			}
			if err != nil {
				return "", err
			}
			return all[at].Name, nil
		},
		show:   func(v *visit, name string) (users.User, error) { return c.Users.Show(v.ctx(), name) },
		fields: userFields,
		add: func(ctx context.Context, p *sent) (none users.User, _ reference.Warnings, _ error) {
			account := p.owner()
			if err := p.err(); err != nil {
				return none, nil, err
			}
			made, err := c.Users.Create(ctx, users.NewUser{Name: p.text("name"), Role: users.Role(p.text("role")), Account: account, Password: users.NoPassword()})
			return made, nil, err
		},
		alter: func(ctx context.Context, _ int64, before users.User, p *sent) (none users.User, _ reference.Warnings, _ error) {
			change := users.Change{Disabled: changed(p, "disabled", p.flag)}
			if p.changes("role") {
				role := users.Role(p.text("role"))
				change.Role = &role
			}
			if p.changes("account") || p.changes("all") {
				account := p.owner()
				change.Account = &account
			}
			if err := p.err(); err != nil {
				return none, nil, err
			}
			after, err := c.Users.Edit(ctx, before.Name, change)
			return after, nil, err
		},
		secret:   c.linkOf,
		complete: c.completeUser,
	}
}

// userObject names users where objects of reference data are told apart.
const userObject reference.Object = "user"

var userRoles = []choice{{string(users.Viewer), "viewer"}, {string(users.Operator), "operator"}, {string(users.Admin), "admin"}}

func userFields(v *visit, of users.User, isNew bool) ([]field, error) {
	owner := ownerFields(v, numberOf(of.Account()))
	role := field{Name: "role", Words: "role", Kind: choiceField, Value: string(of.Role), Choices: userRoles, Hint: "viewer looks; operator also acts on dead letters, tries offers, sets alert rules and, of all accounts, pauses queues; admin also changes the set-up."}
	if !isNew {
		owner[1].Value = checkOf(of.AccountID == nil)
		return append([]field{role}, append(owner, field{Name: "disabled", Words: "disabled", Kind: checkField, Value: checkOf(of.DisabledAt != nil), Hint: "Logs in no more. His sessions end at once."})...), nil
	}
	role.Value = string(users.Viewer)
	name := nameField("")
	name.Most, name.Hint = 64, "Small letters, digits, dots, dashes and underscores. No e-mail address."
	return append([]field{name, role}, owner...), nil
}

// linkOf makes the link with which a user logs in once.
func (c *Console) linkOf(v *visit, of users.User) (*secretShown, error) {
	text, err := c.Users.NewLink(v.ctx(), of.Name)
	if err != nil {
		return nil, err
	}
	c.Logger.Info("a log-in link was made", "by", v.by(), "user", of.Name)
	scheme := "http"
	if isSecure(v.r) {
		scheme = "https"
	}
	return &secretShown{Words: "The log-in link", Text: scheme + "://" + v.r.Host + "/login/link#" + text,
		Note: "It logs " + of.Name + " in once, within ten minutes. Send it on a way that nobody else reads."}, nil
}

func (c *Console) linkUser(v *visit, people section[users.User]) error {
	of, err := people.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	page, err := people.pageOf(v, of)
	if err != nil {
		return err
	}
	if page.Secret, err = c.linkOf(v, of); err != nil {
		return err
	}
	return c.render(v, http.StatusOK, "setupobject", page.Title, page)
}

func (c *Console) logOutUser(v *visit, people section[users.User]) error {
	of, err := people.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := c.Users.EndSessions(v.ctx(), of.Name, 0); err != nil {
		return err
	}
	return people.back(v, of.Name, "ended")
}

// userShown is what the page of a user shows beside the form.
type userShown struct {
	Sessions     []users.Session
	Link, LogOut string
	// Keys is the history of the keys that he made and revoked, which he does not take along.
	Keys string
	// Self is set for the user who looks.
	Self bool
}

func (c *Console) completeUser(v *visit, of users.User, page *objectShown) error {
	sessions, err := c.Users.Sessions(v.ctx(), of.Name)
	path := userPlace.Path + "/" + of.Name
	page.Facts = []fact{{"created", clock(of.CreatedAt)}, {"password set", clock(of.PasswordSetAt)}, {"disabled", clock(of.DisabledAt)}}
	shown := userShown{Sessions: sessions, Keys: inAccount(v, address("/history", url.Values{"noun": {string(history.Key)}, "by": {"=" + of.Name + "@console"}})), Self: of.ID == v.user.ID}
	if of.DisabledAt == nil {
		shown.Link, shown.LogOut = inAccount(v, path+"/link"), inAccount(v, path+"/logout")
	}
	page.Extra = shown
	return err
}
