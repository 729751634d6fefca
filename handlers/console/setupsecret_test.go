package console

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/domains"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

// keyOf is a key of an account.
func keyOf(account int64) keys.NewKey {
	return keys.NewKey{Account: account, Role: keys.Read, Name: "nightly"}
}

func TestAKeyIsShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	_, page := d.get("/setup/new/keys")
	form := url.Values{"name": {"nightly job"}, "role": {"operate"}, "creation": {stamp(t, page)}}
	status, text := d.post("/setup/keys", form)
	require.Equal(t, http.StatusOK, status, text)
	key := regexp.MustCompile(`i8k_[0-9a-f]{64}`).FindString(text)
	require.NotEmpty(t, key)
	used, err := d.Keys.Use(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, d.north.ID, *used.AccountID)
	require.Equal(t, keys.Operate, used.Role)

	status, text = d.post("/setup/keys", form)
	require.Equal(t, http.StatusSeeOther, status, "sent again it makes no other key")
	require.Contains(t, text, "/setup/keys/"+id(used.ID)+"?done=before")
	for _, path := range []string{"/setup/keys", "/setup/keys/" + id(used.ID), "/history?noun=key"} {
		_, text = d.get(path)
		require.Contains(t, text, key[:12], path)
		require.NotContains(t, text, key, path)
	}
	require.NotContains(t, d.log.String(), key)

	status, _ = d.post("/setup/keys/"+id(used.ID)+"/revoke", nil)
	require.Equal(t, http.StatusSeeOther, status)
	_, err = d.Keys.Use(t.Context(), key)
	require.ErrorIs(t, err, keys.ErrUnknown)
}

// TestKeysThatAUserMadeAreFoundWhenHeIsDisabled: they open on, unlike his sessions.
func TestKeysThatAUserMadeAreFoundWhenHeIsDisabled(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	disabled := true
	_, err := d.Users.Create(t.Context(), users.NewUser{Name: "ann", Role: users.Admin, Account: d.north.ID, Password: users.NoPassword()})
	require.NoError(t, err)
	_, text := d.post("/setup/keys", url.Values{"name": {"nightly job"}, "role": {"operate"}})
	key := regexp.MustCompile(`i8k_[0-9a-f]{64}`).FindString(text)
	_, err = d.Users.Edit(t.Context(), "ann", users.Change{Disabled: &disabled})
	require.NoError(t, err)
	others, err := d.Keys.Create(history.By(t.Context(), "joann@console"), keys.NewKey{Name: "another job", Role: keys.Read, Account: d.north.ID})
	require.NoError(t, err)
	used, err := d.Keys.Use(t.Context(), key)
	require.NoError(t, err)

	d.now(users.Admin, 0)
	_, text = d.get("/setup/users/ann")
	found := regexp.MustCompile(`href="(/history[^"]+)">Keys that (?:you have|this user has) made`).FindStringSubmatch(text)
	require.NotNil(t, found, text)
	_, text = d.get(strings.ReplaceAll(found[1], "&amp;", "&"))
	require.Contains(t, text, "/setup/keys/"+id(used.ID))
	require.NotContains(t, text, key)
	require.NotContains(t, text, "/setup/keys/"+id(others.ID)+`"`, "another user's, whose name ends like his")
}

func TestAnOperatorsKeyIsMadeForWhoChoosesAllAccounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	d.now(users.Admin, 0)
	status, text := d.post("/setup/keys", url.Values{"name": {"x"}, "role": {"read"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "Name the account, or choose all accounts.")
	status, text = d.post("/setup/keys", url.Values{"name": {"x"}, "role": {"read"}, "all": {"yes"}, "account": {"1"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "not both")
	status, _ = d.post("/setup/keys", url.Values{"name": {"x"}, "role": {"root"}, "all": {"yes"}})
	require.Equal(t, http.StatusBadRequest, status)
	status, _ = d.post("/setup/keys", url.Values{"name": {"x"}, "role": {"read"}, "all": {"yes"}})
	require.Equal(t, http.StatusOK, status)
}

func TestATokenOfTheSetUpIsMaskedUntilAskedForWhichIsLogged(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	tokens, err := d.Tokens.List(t.Context(), reference.TokenFilter{Account: d.north.ID, Global: true})
	require.NoError(t, err)
	page := "/setup/tokens/" + id(tokens[0].ID)
	_, text := d.get(page)
	require.Contains(t, text, "secure=TOKEN")
	require.NotContains(t, text, d.north.Global)
	require.Empty(t, d.log.String())
	status, text := d.post(page+"/reveal", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, d.north.Global)
	require.Regexp(t, `secure tokens were shown.* by=ann@console account=1 token=1\b`, d.log.String())
	require.NotContains(t, d.log.String(), d.north.Global)

	status, text = d.post("/setup/tokens", url.Values{"offer": {id(d.north.Offer)}, "for": {"clickless"}})
	require.Equal(t, http.StatusOK, status, text)
	require.Regexp(t, `/clickless\?secure=i8t_`, text)
	require.Regexp(t, `shown.*\n.*shown`, d.log.String(), "who makes one sees it")
	status, text = d.post("/setup/tokens", url.Values{"for": {"door"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "Choose one of the ways in.")

	_, text = d.get(page)
	status, text = d.post(page, url.Values{"version": {stamp(t, text)}, "valid_until": {"soon"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "neither a time such as")
	_, text = d.get(page)
	status, _ = d.post(page, url.Values{"version": {stamp(t, text)}, "valid_until": {"2026-03-14"}})
	require.Equal(t, http.StatusSeeOther, status)
	after, err := d.Tokens.Show(t.Context(), 0, tokens[0].ID)
	require.NoError(t, err)
	require.Equal(t, "2026-03-14", after.ValidUntil.Format("2006-01-02"))
}

func TestAUserIsMadeWithALinkThatWorksOnceAndIsNotLogged(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	d.now(users.Admin, 0)
	_, page := d.get("/setup/new/users")
	form := url.Values{"name": {"Olga@x.example"}, "role": {"operator"}, "account": {id(d.north.ID)}, "creation": {stamp(t, page)}}
	status, text := d.post("/setup/users", form)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "1 to 64 small letters")
	form.Set("name", "olga")
	status, text = d.post("/setup/users", form)
	require.Equal(t, http.StatusOK, status, text)
	link := regexp.MustCompile(`http://127\.0\.0\.1/login/link#(i8l_[0-9a-f]{64})`).FindStringSubmatch(text)
	require.NotNil(t, link)
	require.NotContains(t, d.log.String(), link[1])
	_, err := d.Users.LogInByLink(t.Context(), link[1], users.Browser{})
	require.NoError(t, err)
	_, err = d.Users.LogInByLink(t.Context(), link[1], users.Browser{})
	require.ErrorIs(t, err, users.ErrRefused)

	status, text = d.post("/setup/users", form)
	require.Equal(t, http.StatusSeeOther, status)
	require.Contains(t, text, "/setup/users/olga?done=before")
	form.Del("creation")
	status, text = d.post("/setup/users", form)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "There is a user &#34;olga&#34; already")

	_, page = d.get("/setup/users/olga")
	require.Contains(t, page, "Logged in at 1 browser")
	edit := url.Values{"version": {stamp(t, page)}, "role": {"viewer"}, "account": {""}, "all": {"yes"}, "disabled": {"yes"}}
	status, text = d.post("/setup/users/olga", edit)
	require.Equal(t, http.StatusSeeOther, status, text)
	olga, err := d.Users.Show(t.Context(), "olga")
	require.NoError(t, err)
	require.Equal(t, users.Viewer, olga.Role)
	require.Nil(t, olga.AccountID)
	require.NotNil(t, olga.DisabledAt)
	status, _ = d.post("/setup/users/olga", edit)
	require.Equal(t, http.StatusConflict, status, "he is another by now")
	status, text = d.post("/setup/users/olga/link", nil)
	require.Equal(t, http.StatusNotFound, status, text)
	sessions, err := d.Users.Sessions(t.Context(), "olga")
	require.NoError(t, err)
	require.Empty(t, sessions)
}

func TestADomainIsLookedAtSeldomAndOnlyByItsAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Viewer)
	own, _, err := d.Domains.Create(t.Context(), d.north.ID, "px.north.example")
	require.NoError(t, err)
	other, _, err := d.Domains.Create(t.Context(), d.south.ID, "px.south.example")
	require.NoError(t, err)
	var looked []string
	d.CheckDomain = func(_ context.Context, host string) (domains.Check, error) {
		looked = append(looked, host)
		return domains.Check{Host: host, Addresses: []string{"8.8.8.8"}, Faults: []domains.Finding{{What: "the certificate has expired", Hint: "renew it"}}}, nil
	}
	status, text := d.get("/setup/domains/" + id(own.ID) + "/check")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, "The certificate has expired. Renew it.")
	require.NotContains(t, text, "Nothing is wrong")
	status, _ = d.get("/setup/domains/" + id(other.ID) + "/check")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, []string{"px.north.example"}, looked)
	for range checksAtOnce {
		_, text = d.get("/setup/domains/" + id(own.ID) + "/check")
	}
	require.Contains(t, text, "You have looked often")
	require.Len(t, looked, checksAtOnce)
}
