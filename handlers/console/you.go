package console

import (
	"net/http"
	"strconv"

	"integr8/handlers/operate/users"
)

// you shows the user, and the browsers in which he is logged in.
func (c *Console) you(v *visit) error {
	sessions, err := c.Users.Sessions(v.ctx(), v.user.Name)
	if err != nil {
		return err
	}
	return c.render(v, http.StatusOK, "you", "You", struct{ Sessions []users.Session }{sessions})
}

// endSession ends one of the user's sessions, or all of them.
func (c *Console) endSession(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("session"), 10, 64)
	if err != nil || id < 0 {
		return &badRequest{"session is a number."}
	}
	if _, err := c.Users.EndSessions(v.ctx(), v.user.Name, id); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/you", http.StatusSeeOther)
	return nil
}
