package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/users"
)

// access is what a page demands of a user.
type access struct {
	role users.Role
	// whole is set for what is about the whole system, which a user of one account does
	// not see.
	whole bool
}

// allows returns why a user may not open a page; nil when he may.
func (a access) allows(user users.User) error {
	switch {
	case !user.Role.Includes(a.role):
		return &forbidden{"This needs the role " + string(a.role) + "; you are " + string(user.Role) + "."}
	case a.whole && user.AccountID != nil:
		return &forbidden{"This is about the whole system, and you see one account."}
	default:
		return nil
	}
}

// visit is a request of a user who may open the page.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	user users.User
	// chosen is the account that a user who sees all has chosen; 0 for all.
	chosen int64
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// account is the only account that the visit shows; 0 for all of them, which only a user
// without an account gets.
func (v *visit) account() int64 {
	if v.user.AccountID != nil {
		return *v.user.AccountID
	}
	return v.chosen
}

// whole reports whether the visit shows the whole system.
func (v *visit) whole() bool { return v.account() == 0 }

// operates reports whether the user may act on dead letters.
func (v *visit) operates() bool { return v.user.Role.Includes(users.Operator) }

// by names the user in records of who did what.
func (v *visit) by() string { return v.user.Name + "@console" }

// query is the value of a parameter of the URL.
func (v *visit) query(name string) string { return strings.TrimSpace(v.r.URL.Query().Get(name)) }

// number is a parameter of the URL that is an id; 0 without one.
func (v *visit) number(name string) (int64, error) {
	text := v.query(name)
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, &badRequest{name + " is a number."}
	}
	return id, nil
}

// with returns the visit's URL with other values of parameters; the first page of it.
func (v *visit) with(pairs ...string) string { return v.at(v.r.URL.Path, pairs...) }

// at returns the address of another page with the parameters of the visit that choose
// rows, and other values of some.
func (v *visit) at(path string, pairs ...string) string {
	values := v.filter()
	for i := 0; i+1 < len(pairs); i += 2 {
		if values.Del(pairs[i]); pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	return address(path, values)
}

func address(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// page registers a page for users who are logged in. Others are sent to the log-in.
func (c *Console) page(mux *http.ServeMux, pattern string, demanded access, serve func(*visit) error) {
	c.demands[pattern] = demanded
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		user, known, err := c.Users.BySession(r.Context(), sessionOf(r))
		v := &visit{w: w, r: r, user: user}
		switch {
		case err != nil:
		case !known:
			toLogIn(w, r)
			return
		default:
			if err = demanded.allows(user); err == nil {
				v.chosen, err = v.number("account")
			}
			v.r = r.WithContext(history.By(r.Context(), v.by()))
		}
		if err == nil {
			err = serve(v)
		}
		if err != nil {
			c.fail(v, err)
		}
	})
}

// open registers a page for everybody.
func (c *Console) open(mux *http.ServeMux, pattern string, serve func(*visit) error) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r}
		if err := serve(v); err != nil {
			c.fail(v, err)
		}
	})
}

// toLogIn sends a browser to the log-in, and afterwards back to the page.
func toLogIn(w http.ResponseWriter, r *http.Request) {
	to := "/login"
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" && r.URL.Path != "/" {
		to = address(to, url.Values{"next": {r.URL.RequestURI()}})
	}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
