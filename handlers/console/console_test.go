package console

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/users"
	"integr8/pipeline/token"
)

// people is a store with one user, whose session is any that is well-formed.
type people struct {
	users.Store
	user users.User
}

const password = "a password for tests"

func (p people) Credentials(_ context.Context, name string) (users.User, string, bool, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	return p.user, string(hash), name == p.user.Name, err
}

func (p people) BeginSession(context.Context, users.User, token.Digest, users.Browser, time.Duration) (bool, error) {
	return true, nil
}

func (p people) UseSession(context.Context, token.Digest, time.Duration) (users.User, bool, error) {
	return p.user, true, nil
}

func (p people) KnowsAddress(context.Context, string, string) (bool, error) { return false, nil }

func (p people) Sessions(context.Context, string, time.Duration) ([]users.Session, error) {
	return []users.Session{}, nil
}

var session = "i8s_" + strings.Repeat("0", 64)

// newConsole returns a console for one user.
func newConsole(t *testing.T, user users.User) *Console {
	t.Helper()
	user.ID, user.Name = 1, "ann"
	c := New(Options{
		UseCases: UseCases{Users: users.Users{Store: people{user: user}}},
		Timeout:  time.Minute,
		ClientOf: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.7") },
		Logger:   slog.New(slog.DiscardHandler),
	})
	t.Cleanup(c.Close)
	return c
}

func (c *Console) answer(request *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	c.ServeHTTP(recorder, request)
	return recorder.Result()
}

// posted is a request of a form of the page itself.
func posted(target string, form url.Values) *http.Request {
	request := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return request
}

func TestNoPageIsOpenWithoutALogIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Admin})
	require.Greater(t, len(c.demands), 10)
	for pattern := range c.demands {
		request := requestOf(pattern)
		got := c.answer(request)
		require.Equal(t, http.StatusSeeOther, got.StatusCode, pattern)
		require.True(t, strings.HasPrefix(got.Header.Get("Location"), "/login"), pattern)
	}
}

// requestOf is a request to the page of a pattern.
func requestOf(pattern string) *http.Request {
	method, path, _ := strings.Cut(pattern, " ")
	path = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), "0191f0a0-0000-7000-8000-000000000000")
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, nil)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return request
}

func TestAUserOpensOnlyWhatHisRoleAndHisAccountLetHim(t *testing.T) {
	t.Parallel()
	account := int64(1)
	c := newConsole(t, users.User{Role: users.Viewer, AccountID: &account})
	refused := 0
	for pattern, demanded := range c.demands {
		if demanded.role == users.Viewer && !demanded.whole {
			continue
		}
		request := requestOf(pattern)
		request.AddCookie(&http.Cookie{Name: loopbackCookie, Value: session})
		require.Equal(t, http.StatusForbidden, c.answer(request).StatusCode, pattern)
		refused++
	}
	require.GreaterOrEqual(t, refused, 2)
	v := &visit{user: users.User{AccountID: &account}, chosen: 2}
	require.EqualValues(t, 1, v.account(), "he chooses no other account")
}

func TestASessionCookieIsForThisHostAndNoScript(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Viewer})
	logIn := func(target string, header ...string) *http.Cookie {
		request := posted(target, url.Values{"name": {"ann"}, "password": {password}, "next": {"/dead?reason=offer_paused"}})
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		got := c.answer(request)
		require.Equal(t, http.StatusSeeOther, got.StatusCode)
		require.Equal(t, "/dead?reason=offer_paused", got.Header.Get("Location"))
		require.Len(t, got.Cookies(), 1)
		cookie := got.Cookies()[0]
		require.True(t, cookie.HttpOnly)
		require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
		require.Equal(t, "/", cookie.Path)
		require.Empty(t, cookie.Domain)
		return cookie
	}
	local := logIn("http://127.0.0.1:8082/login")
	require.Equal(t, "integr8_session", local.Name)
	require.False(t, local.Secure)
	for _, far := range []*http.Cookie{
		logIn("https://console.example/login"), logIn("http://console.example/login"), logIn("http://127.0.0.1/login", "X-Forwarded-Proto", "https"),
	} {
		require.Equal(t, "__Host-integr8_session", far.Name)
		require.True(t, far.Secure)
	}
}

func TestAWrongPasswordBeginsNoSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Viewer})
	for name, form := range map[string]url.Values{
		"password": {"name": {"ann"}, "password": {"wrong " + password}}, "name": {"name": {"bob"}, "password": {password}}, "nothing": {},
	} {
		got := c.answer(posted("http://127.0.0.1/login", form))
		require.Equal(t, http.StatusUnauthorized, got.StatusCode, name)
		require.Empty(t, got.Cookies(), name)
		text, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		require.NotContains(t, string(text), password, name)
	}
}

func TestAnotherSiteChangesNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Admin})
	for name, header := range map[string][2]string{
		"by fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "from a sister host": {"Sec-Fetch-Site", "same-site"}, "by origin": {"Origin", "https://evil.example"},
	} {
		for _, path := range []string{"/login", "/logout", "/dead/replay", "/search"} {
			request := posted("https://console.example"+path, url.Values{})
			request.Header.Del("Sec-Fetch-Site")
			request.Header.Set(header[0], header[1])
			request.AddCookie(&http.Cookie{Name: secureCookie, Value: session})
			require.Equal(t, http.StatusForbidden, c.answer(request).StatusCode, "%s %s", name, path)
		}
	}
}

func TestEveryAnswerForbidsForeignContent(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Admin})
	for _, path := range []string{"/login", "/", "/nowhere", "/you", c.static.address("console.js"), "/static/none"} {
		request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
		header := c.answer(request).Header
		require.Equal(t, policy, header.Get("Content-Security-Policy"), path)
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), path)
	}
	require.NotContains(t, policy, "unsafe")
}

// TestNoPageHasScriptsOrStylesInIt: the policy would stop them.
func TestNoPageHasScriptsOrStylesInIt(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script>|hx-on|https?://`)
	require.NoError(t, fs.WalkDir(templateFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := templateFiles.ReadFile(name)
		require.Empty(t, inline.FindString(string(text)), name)
		return err
	}))
}

func TestALogInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for _, own := range []string{"/", "/dead?reason=offer_paused", "/trace/0191f0a0-0000-7000-8000-000000000000"} {
		require.Equal(t, own, ownPath(own))
	}
	for _, other := range []string{"", "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "dead", "/\t/evil.example", "http:/x"} {
		require.Equal(t, "/", ownPath(other), other)
	}
}

func TestFilesArePackedAndKeptUntilTheyChange(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{})
	request := httptest.NewRequest(http.MethodGet, c.static.address("console.css"), nil)
	request.Header.Set("Accept-Encoding", "gzip, br")
	got := c.answer(request)
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Equal(t, "gzip", got.Header.Get("Content-Encoding"))
	require.Equal(t, "text/css; charset=utf-8", got.Header.Get("Content-Type"))
	require.Contains(t, got.Header.Get("Cache-Control"), "immutable")
	request.Header.Set("If-None-Match", got.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, c.answer(request).StatusCode)

	older := httptest.NewRequest(http.MethodGet, "/static/0000000000000000/console.css", nil)
	got = c.answer(older)
	require.Equal(t, http.StatusOK, got.StatusCode, "a page that was opened before an upgrade goes on")
	require.Equal(t, "no-cache", got.Header.Get("Cache-Control"))
}

func TestNoAddressHasASecretThatSomebodySearchesFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0191f0a0-0000-7000-8000-000000000000": "/trace/0191f0a0-0000-7000-8000-000000000000",
		"01A220B2CA523864DAB86561708436ED":     "/trace/01a220b2-ca52-3864-dab8-6561708436ed",
		"192.0.2.7":                            "/search?ip=192.0.2.7",
		"Joe@Example.com":                      "/search?email_hash=",
		"i8t_d40877a270c026c242a3caa6c2ac91":   "/search?token_digest=",
		"an imported token or an order id":     "",
	} {
		to, err := plainly(text)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(to, want), "%s: %s", text, to)
		if strings.Contains(text, "@") || strings.HasPrefix(text, "i8t_") {
			require.NotContains(t, strings.ToLower(to), "joe")
			require.NotContains(t, to, "i8t_")
		}
	}
}

func TestAnAccountSeesOnlyTroubleThatIsWhollyItsOwn(t *testing.T) {
	t.Parallel()
	own := doctor.Finding{Level: doctor.Warning, What: "own", Party: doctor.Party{AccountID: 1}}
	more := own
	more.What, more.Omitted = "own, as far as is shown", 1
	examined := item[doctor.Report]{Value: doctor.Report{Findings: []doctor.Finding{
		{Level: doctor.Broken, What: "the system's"}, own, more, {Level: doctor.Warning, What: "another's", Party: doctor.Party{AccountID: 2}},
	}}}
	require.Equal(t, []doctor.Finding{own}, troubleOf(examined, 1).Wrong)
	require.Len(t, troubleOf(examined, 0).Wrong, 4)
}

// TestAUserOfAnAccountIsNotToldWhyWhatIsSharedCannotBeRead: an error names servers.
func TestAUserOfAnAccountIsNotToldWhyWhatIsSharedCannotBeRead(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{})
	account := int64(1)
	errs := map[string]error{"alerts": errors.New("dial tcp 10.1.2.3:5432: connection refused"), "queues": nil}
	require.Equal(t, []string{"Not to be seen now: alerts: dial tcp 10.1.2.3:5432: connection refused"}, c.unread(&visit{}, errs))
	scoped := c.unread(&visit{user: users.User{AccountID: &account}}, errs)
	require.Len(t, scoped, 1)
	require.NotContains(t, scoped[0], "10.1.2.3")
}
