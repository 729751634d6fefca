package console

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/domains"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/orders"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
	"integr8/pipeline/token"
	"integr8/sql/store/storetest"
)

// desk is a console for a user of an account, beside which there is another.
type desk struct {
	*Console
	t            *testing.T
	north, south *storetest.Account
	log          bytes.Buffer
}

func newDesk(t *testing.T, role users.Role) *desk {
	t.Helper()
	db := storetest.Open(t)
	secrets, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	d := &desk{t: t, north: storetest.NewAccount(t, db, secrets, "north"), south: storetest.NewAccount(t, db, secrets, "south")}
	d.Console = newConsole(t, users.User{})
	d.as(db, users.User{ID: 1, Name: "ann", Role: role, AccountID: &d.north.ID})
	base := links.Base{URL: &url.URL{Scheme: "https", Host: "track.example"}}
	d.Accounts, d.Publishers, d.Tokens = reference.Accounts{Store: db}, reference.Publishers{Store: db}, reference.Tokens{Store: db}
	d.Offers, d.Links = reference.Offers{Store: db, Links: base}, links.Tokens{Store: db, Keys: secrets, Base: base}
	d.Letters, d.Keys, d.Histories = dead.Letters{Store: db}, keys.Keys{Store: db}, history.Histories{Store: db}
	d.Alerts = Alerts{Log: alerts.Log{Store: db}, Rules: alerts.Rules{Store: db}, Webhooks: alerts.Webhooks{Store: db}}
	d.Advertisers, d.Domains = reference.Advertisers{Store: db}, reference.Domains{Store: db}
	d.CheckDomain = func(_ context.Context, host string) (domains.Check, error) { return domains.Check{Host: host}, nil }
	d.Orders = &orders.Switches{Offers: d.Offers, Beside: func(work func(context.Context)) { work(context.Background()) }}
	d.Examine = func(context.Context) (doctor.Report, error) { return doctor.Report{}, nil }
	d.Logger = slog.New(slog.NewTextHandler(&d.log, nil))
	return d
}

// loggedIn is a store of users in which every session is one user's.
type loggedIn struct {
	users.Store
	user users.User
}

func (l loggedIn) UseSession(context.Context, token.Digest, time.Duration) (users.User, bool, error) {
	return l.user, true, nil
}

// as lets a user look at the console.
func (d *desk) as(store users.Store, user users.User) {
	d.Users = users.Users{Store: loggedIn{store, user}}
}

// now lets another user look at the console; account 0 is all.
func (d *desk) now(role users.Role, account int64) {
	user := users.User{ID: 1, Name: "ann", Role: role}
	if account != 0 {
		user.AccountID = &account
	}
	d.as(d.Users.Store.(loggedIn).Store, user)
}

// answers returns the response to a request.
func (d *desk) answers(request *http.Request) (int, string) {
	d.t.Helper()
	request.AddCookie(&http.Cookie{Name: loopbackCookie, Value: session})
	got := d.answer(request)
	text, err := io.ReadAll(got.Body)
	require.NoError(d.t, err)
	return got.StatusCode, string(text) + got.Header.Get("Location")
}

func (d *desk) get(path string) (int, string) {
	return d.answers(httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
}

func (d *desk) post(path string, form url.Values) (int, string) {
	return d.answers(posted("http://127.0.0.1"+path, form))
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func TestATokenIsMaskedUntilAnAdminAsksForIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	page := "/integration?offer=" + id(d.north.Offer)
	status, text := d.get(page)
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "https://track.example/postback?secure=TOKEN&amp;transaction_id=REPLACE")
	require.NotContains(t, text, d.north.Global)
	require.NotContains(t, text, d.north.OfferToken)

	tokens, err := d.Tokens.List(t.Context(), reference.TokenFilter{Account: d.north.ID, Global: true})
	require.NoError(t, err)
	status, text = d.post(page, url.Values{"token": {id(tokens[0].ID)}})
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, d.north.Global)
	require.NotContains(t, text, d.north.OfferToken, "he asked for the other")
	require.Regexp(t, `secure tokens were shown.* by=ann@console account=1 token=1\b`, d.log.String())
	require.NotContains(t, d.log.String(), d.north.Global)

	others, err := d.Tokens.List(t.Context(), reference.TokenFilter{Account: d.south.ID, Global: true})
	require.NoError(t, err)
	status, text = d.post(page, url.Values{"token": {id(others[0].ID)}})
	require.Equal(t, http.StatusNotFound, status)
	require.NotContains(t, text, d.south.Global)
}

func TestAViewerSeesNoTokenAndNothingOfAnotherAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Viewer)
	status, text := d.get("/integration?account=" + id(d.south.ID))
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "offer="+id(d.north.Offer))
	require.NotContains(t, text, "offer="+id(d.south.Offer))
	require.NotContains(t, text, d.north.Global)
	require.NotContains(t, text, "Show the token")
	require.NotContains(t, text, "/integration/import")
	status, _ = d.get("/integration?offer=" + id(d.south.Offer))
	require.Equal(t, http.StatusNotFound, status)
	_, text = d.get("/integration?offer=" + id(d.north.Offer) + "&publisher=" + id(d.south.Publisher))
	require.Contains(t, text, "has no publisher "+id(d.south.Publisher))
	status, _ = d.post("/integration", url.Values{"token": {"1"}})
	require.Equal(t, http.StatusForbidden, status)
}

func TestAnImportTakesTheTokenThatCameAndNeverShowsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	const secure, another = "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77", "other-Kq7Zp2Vx9-Rt4Wm8Yb3-78"
	page := "/integration/import?digest=" + string(dead.DigestOf(token.DigestOf(secure)))
	status, text := d.post(page, url.Values{"token": {another}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "another token than the one that came")
	require.NotContains(t, text, another)
	status, text = d.post("/integration/import", url.Values{"token": {"guessable1"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "can be guessed")
	require.NotContains(t, text, "guessable1")
	status, text = d.post(page, url.Values{"token": {secure}, "offer": {id(d.south.Offer)}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "has no offer "+id(d.south.Offer))

	status, text = d.post(page, url.Values{"token": {secure}, "offer": {id(d.north.Offer)}, "for": {"postback"}})
	require.Equal(t, http.StatusSeeOther, status, text)
	require.Regexp(t, `/integration\?imported=\d+$`, text)
	all, err := d.Tokens.List(t.Context(), reference.TokenFilter{Account: d.north.ID, Offer: d.north.Offer})
	require.NoError(t, err)
	require.Equal(t, "postback", string(*all[len(all)-1].Purpose))
	require.NotContains(t, d.log.String(), secure)
}

func TestWhatDoctorFoundIsShownToItsAccountAlone(t *testing.T) {
	t.Parallel()
	report := doctor.Report{Findings: []doctor.Finding{{Level: doctor.Warning, Check: "tokens", Examples: []doctor.Example{
		{What: "own", Party: doctor.Party{AccountID: 1, Offer: 3, Token: 5}}, {What: "another's", Party: doctor.Party{AccountID: 2, Offer: 4, Token: 6}},
	}}}}
	require.Equal(t, []string{"own"}, foundIn(report, 1, 0))
	require.Equal(t, []string{"own"}, foundIn(report, 1, 3))
	require.Empty(t, foundIn(report, 1, 4))
}
