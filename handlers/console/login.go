package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"integr8/handlers/operate/users"
)

// logInForm is what the page of the log-in shows.
type logInForm struct {
	Name, Next string
	// Wrong says why there is no session.
	Wrong string
	// Unsafe is set where a browser keeps no session, because it came by plain HTTP.
	Unsafe bool
}

func (c *Console) logInPage(v *visit) error {
	return c.showLogIn(v, http.StatusOK, logInForm{Next: v.query("next")})
}

func (c *Console) showLogIn(v *visit, status int, form logInForm) error {
	form.Unsafe = !isSecure(v.r) && !isLoopback(v.r)
	return c.render(v, status, "login", "Log in", form)
}

func (c *Console) logIn(v *visit) error {
	form := logInForm{Name: strings.TrimSpace(v.r.PostFormValue("name")), Next: v.r.PostFormValue("next")}
	if len(form.Name) > mostName {
		form.Name = ""
	}
	from := c.ClientOf(v.r)
	wait, err := c.attempts.take(v.ctx(), from, form.Name)
	if err != nil {
		return err
	}
	if wait > 0 {
		return c.tooOften(v, wait, form)
	}
	session, err := c.Users.LogIn(v.ctx(), form.Name, strings.TrimSpace(v.r.PostFormValue("password")), c.browserOf(v.r))
	if errors.Is(err, users.ErrRefused) {
		c.Logger.Warn("a log-in was refused", "address", from)
		form.Wrong = "Name and password do not belong together, or the user is disabled."
		return c.showLogIn(v, http.StatusUnauthorized, form)
	}
	if err != nil {
		return err
	}
	return enter(v, session, form.Next)
}

// mostName is more than any user's name has.
const mostName = 200

func (c *Console) tooOften(v *visit, wait time.Duration, form logInForm) error {
	seconds := int(wait.Seconds()) + 1
	v.w.Header().Set("Retry-After", fmt.Sprint(seconds))
	form.Wrong = fmt.Sprintf("Too many attempts. Try again in %d seconds.", seconds)
	return c.showLogIn(v, http.StatusTooManyRequests, form)
}

func (c *Console) browserOf(r *http.Request) users.Browser {
	return users.Browser{Address: c.ClientOf(r).String(), UserAgent: r.UserAgent()}
}

func enter(v *visit, session, next string) error {
	keepSession(v.w, v.r, session)
	http.Redirect(v.w, v.r, ownPath(next), http.StatusSeeOther)
	return nil
}

// ownPath returns a path of this server, or that of the first page.
func ownPath(text string) string {
	to, err := url.Parse(text)
	if err != nil || to.Scheme != "" || to.Host != "" || to.User != nil ||
		!strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return "/"
	}
	return text
}

// linkPage logs in by the link's token, which the browser has in the fragment and sends in
// a form: no log has it, and nothing that only looks at the link uses it up.
func (c *Console) linkPage(v *visit) error {
	return c.render(v, http.StatusOK, "link", "Log in", nil)
}

func (c *Console) logInByLink(v *visit) error {
	wait, err := c.attempts.take(v.ctx(), c.ClientOf(v.r), "")
	if err != nil {
		return err
	}
	if wait > 0 {
		return c.tooOften(v, wait, logInForm{})
	}
	session, err := c.Users.LogInByLink(v.ctx(), v.r.PostFormValue("token"), c.browserOf(v.r))
	if errors.Is(err, users.ErrRefused) {
		return c.showLogIn(v, http.StatusUnauthorized, logInForm{Wrong: "The link has been used or is too old. Ask for a new one: `integr8 user link NAME`."})
	}
	if err != nil {
		return err
	}
	return enter(v, session, "/")
}

func (c *Console) logOut(v *visit) error {
	if err := c.Users.LogOut(v.ctx(), sessionOf(v.r)); err != nil {
		return err
	}
	keepSession(v.w, v.r, "")
	http.Redirect(v.w, v.r, "/login", http.StatusSeeOther)
	return nil
}
