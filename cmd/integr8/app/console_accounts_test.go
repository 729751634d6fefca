package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/users"
)

// visitor is a person without a browser.
type visitor struct {
	s       *served
	session *http.Cookie
}

// visitorOf logs a user in.
func (s *served) visitorOf(name string) *visitor {
	s.t.Helper()
	v := &visitor{s: s}
	got, _ := v.send(http.MethodPost, "/login", url.Values{"name": {name}, "password": {userPassword}})
	require.Equal(s.t, http.StatusSeeOther, got.StatusCode)
	require.Len(s.t, got.Cookies(), 1)
	v.session = got.Cookies()[0]
	return v
}

func (v *visitor) send(method, path string, form url.Values) (*http.Response, string) {
	v.s.t.Helper()
	request, err := http.NewRequestWithContext(v.s.t.Context(), method, v.s.console()+path, strings.NewReader(form.Encode()))
	require.NoError(v.s.t, err)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.session != nil {
		request.AddCookie(v.session)
	}
	response, err := v.s.client.Do(request)
	require.NoError(v.s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(v.s.t, err)
	return response, string(text)
}

// pagesOf are the pages on what an account has.
func pagesOf(of *tenant) []string {
	pages := []string{"/", "/now/trouble", "/now/state", "/now/minutes", "/dead?state=all", "/dead?state=all&reason=offer_paused", "/dead/counts?state=all", "/dead/counts?state=all&reason=offer_paused",
		"/dead/cause?state=all&reason=offer_paused", "/dead/all/replay?reason=offer_paused", "/jobs", "/hits", "/conversions", "/reports?by=offer", "/reports.csv?by=offer", "/history", "/alerts", "/integration",
		"/setup/offers", "/setup/publishers", "/setup/advertisers", "/setup/domains", "/setup/tokens", "/setup/keys"}
	for _, one := range []string{"/dead/" + of.deadLetter.String(), "/trace/" + of.receipt.String(), "/trace/" + of.transaction, "/trace/" + of.deadLetter.String(),
		"/jobs/%d=job", "/hits?offer=%d=offer", "/conversions?offer=%d=offer", "/reports?offer=%d=offer", "/reports/chart?offer=%d=offer", "/reports.csv?publisher=%d=publisher",
		"/integration?offer=%d=offer", "/alerts/rules/%d=rule", "/setup/offers/%d=offer", "/setup/offers/%d=termed", "/setup/publishers/%d=publisher",
		"/setup/advertisers/%d=advertiser", "/setup/domains/%d=domain", "/setup/tokens/%d=token", "/setup/keys/%d=key"} {
		form, field, numbered := strings.Cut(one, "%d=")
		if numbered {
			one = form + number(map[string]int64{"job": of.job, "offer": of.Offer, "termed": of.termed, "publisher": of.Publisher, "rule": of.rule, "advertiser": of.advertiser,
				"domain": of.domain, "token": of.token, "key": of.spare.ID}[field])
		}
		pages = append(pages, one)
	}
	return pages
}

// TestNoPageOfTheConsoleShowsWhatIsAnotherAccounts, whatever its address names, and no form
// changes it.
func TestNoPageOfTheConsoleShowsWhatIsAnotherAccounts(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	s.user("stan", users.Admin, s.south.ID)
	stan := s.visitorOf("stan")
	own := 0
	for _, page := range pagesOf(s.south) {
		got, text := stan.send(http.MethodGet, page, nil)
		require.Equal(t, http.StatusOK, got.StatusCode, "%s: %s", page, text)
		require.NotContains(t, text, "north-", page)
		if strings.Contains(text, "south") {
			own++
		}
	}
	require.Greater(t, own, 25, "his own is there")

	before := s.all(s.north.keys[keys.Admin])
	for _, page := range pagesOf(s.north) {
		for _, account := range []string{"", "account=" + number(s.north.ID)} {
			separator := map[bool]string{true: "&", false: "?"}[strings.Contains(page, "?")]
			got, text := stan.send(http.MethodGet, strings.TrimRight(page+separator+account, "&?"), nil)
			require.Contains(t, []int{http.StatusOK, http.StatusNotFound, http.StatusBadRequest, http.StatusForbidden}, got.StatusCode, "%s: %s", page, text)
			require.NotContains(t, text, "north", "%s %s", page, account)
			require.NotContains(t, text, s.north.Global, page)
		}
	}
	for _, asked := range []string{s.north.order, s.north.receipt.String(), s.north.transaction, s.north.Global} {
		for step, path := 0, "/search"; step < 2; step++ {
			method, form := http.MethodPost, url.Values{"q": {asked}}
			if step == 1 {
				method, form = http.MethodGet, nil
			}
			got, text := stan.send(method, path, form)
			require.NotContains(t, strings.ReplaceAll(text, s.north.order, ""), "north", asked)
			if path = got.Header.Get("Location"); path == "" {
				break
			}
		}
	}
	for path, form := range map[string]url.Values{
		"/dead/replay":  {"receipt": {s.north.deadLetter.String()}},
		"/dead/discard": {"receipt": {s.north.deadLetter.String()}},
		"/dead/note":    {"receipt": {s.north.deadLetter.String()}, "note": {"mine"}},
		fmt.Sprintf("/jobs/%d/cancel", s.north.job):                                 {},
		fmt.Sprintf("/alerts/rules/%d", s.north.rule):                               {"name": {"mine"}},
		fmt.Sprintf("/alerts/rules/%d/remove", s.north.rule):                        {},
		fmt.Sprintf("/setup/offers/%d", s.north.Offer):                              {"name": {"mine"}},
		fmt.Sprintf("/setup/keys/%d/revoke", s.north.spare.ID):                      {},
		fmt.Sprintf("/integration?account=%d", s.north.ID):                          {"token": {number(s.north.token)}},
		fmt.Sprintf("/integration/test?offer=%d", s.north.Offer):                    {"publisher": {number(s.north.Publisher)}, "way": {"global"}},
		fmt.Sprintf("/dead/all/discard?account=%d&reason=offer_paused", s.north.ID): {"sure": {"yes"}},
	} {
		_, text := stan.send(http.MethodPost, path, form)
		require.NotContains(t, text, s.north.Global, path)
		require.NotContains(t, text, "north", path)
	}
	require.JSONEq(t, before, s.all(s.north.keys[keys.Admin]), "he changed something")
}

// TestWhoTriesToLogInTooOftenWaits: an address has as many attempts for links and passwords
// together. Links cost no hash, so that the attempts are used up before any comes back.
func TestWhoTriesToLogInTooOftenWaits(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	for _, form := range []struct {
		path   string
		values url.Values
	}{{"/login/link", url.Values{"token": {"wrong"}}}, {"/login", url.Values{"name": {"nobody"}, "password": {"wrong"}}}} {
		require.Eventually(t, func() bool {
			got, _ := (&visitor{s: s}).send(http.MethodPost, form.path, form.values)
			if got.StatusCode == http.StatusTooManyRequests {
				require.NotEmpty(t, got.Header.Get("Retry-After"))
				return true
			}
			require.Equal(t, http.StatusUnauthorized, got.StatusCode)
			return false
		}, patience, time.Millisecond, form.path)
	}
}
