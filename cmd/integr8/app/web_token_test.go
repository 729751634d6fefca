package app_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/pipeline/outcome"
)

// logged keeps what a process logs.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestATokenThatTheAPICreatesConverts, is shown whole to admins only, and when it is
// created again by the same request; the log says who has seen it.
func TestATokenThatTheAPICreatesConverts(t *testing.T) {
	t.Parallel()
	written := &logged{}
	s := serveAPI(t, func(o *app.Options) { o.Logger = slog.New(slog.NewTextHandler(written, nil)) })
	of, admin := s.north, s.north.keys[keys.Admin]
	create := call{method: http.MethodPost, path: "/tokens", header: once("token"), body: map[string]any{"offer": of.Offer}}
	made, _ := madeIn(t, s.do(admin, create))
	secure := made["token"].(string)
	require.Contains(t, made["url"], "secure="+secure)
	again, _ := madeIn(t, s.do(admin, create))
	require.Equal(t, made, again)

	path := "/tokens/" + number(int64(made["id"].(float64)))
	masked := []call{{method: http.MethodGet, path: path}, {method: http.MethodGet, path: "/tokens"}, {method: http.MethodGet, path: "/history"}}
	for _, c := range masked {
		got := s.do(of.keys[keys.Read], c)
		require.Equal(t, http.StatusOK, got.StatusCode)
		require.NotContains(t, string(got.body), secure, c.path)
	}
	for _, c := range []call{{method: http.MethodGet, path: path + "/urls"}, {method: http.MethodGet, path: "/tokens/current"}} {
		require.Equal(t, http.StatusForbidden, s.do(of.keys[keys.Operate], c).StatusCode, "%s is for admins", c.path)
		require.Contains(t, string(s.do(admin, c).body), secure)
	}
	require.Equal(t, 2, strings.Count(written.String(), `"secure tokens were shown" by="a test (key `))
	require.NotContains(t, written.String(), secure)

	click := s.fire("/click", "offer", number(of.Offer), "publisher", number(of.Publisher))
	shop, err := url.Parse(click.Header.Get("Location"))
	require.NoError(t, err)
	converted := s.fireForJSON("/postback", url.Values{"secure": {secure}, "transaction_id": {shop.Query().Get("c")}})
	s.await(converted.Receipt, outcome.Converted)

	// An edit ends it.
	read := s.do(admin, masked[0])
	ended := s.do(admin, call{method: http.MethodPatch, path: path, body: map[string]any{"valid_until": "2020-01-01"}, header: http.Header{"If-Match": {read.Header.Get("ETag")}}})
	object, _ := madeIn(t, ended)
	require.Equal(t, "2020-01-01T00:00:00Z", object["valid_until"])
	late := s.do(admin, call{method: http.MethodPatch, path: path, body: map[string]any{"valid_until": "never"}, header: http.Header{"If-Match": {read.Header.Get("ETag")}}})
	require.Equal(t, http.StatusPreconditionFailed, late.StatusCode)
	require.NotContains(t, string(s.do(admin, call{method: http.MethodGet, path: "/tokens/current"}).body), secure)
}

// TestAnImportedTokenIsNowhereButInItsRequest: not in an answer, a problem, the log or the
// database, and yet it converts.
func TestAnImportedTokenIsNowhereButInItsRequest(t *testing.T) {
	t.Parallel()
	written := &logged{}
	s := serveAPI(t, func(o *app.Options) { o.Logger = slog.New(slog.NewTextHandler(written, nil)) })
	of, admin := s.north, s.north.keys[keys.Admin]
	const secure, weak = "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77", "password1234"
	take := func(token string, change map[string]any, header http.Header) response {
		body := map[string]any{"token": token}
		for name, value := range change {
			body[name] = value
		}
		got := s.do(admin, call{method: http.MethodPost, path: "/tokens/import", body: body, header: header})
		for _, secret := range []string{secure, weak} {
			require.NotContains(t, string(got.body), secret)
		}
		return got
	}
	refused := take(weak, nil, nil)
	require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode)
	require.Contains(t, problemIn(t, refused).Detail, "can be guessed")
	made, _ := madeIn(t, take(secure, nil, once("import")))
	again, _ := madeIn(t, take(secure, nil, once("import")))
	require.Equal(t, made["id"], again["id"])
	require.Equal(t, http.StatusUnprocessableEntity, take(secure+"8", nil, once("import")).StatusCode, "it is another request")
	require.Equal(t, http.StatusConflict, take(secure, nil, nil).StatusCode)
	madeIn(t, take(weak, map[string]any{"force": true}, nil))
	urls := s.do(admin, call{method: http.MethodGet, path: "/tokens/" + number(int64(made["id"].(float64))) + "/urls"})
	require.Equal(t, http.StatusNotFound, urls.StatusCode, "nobody knows it")
	require.Contains(t, problemIn(t, urls).Detail, "was imported")

	click := s.fire("/click", "offer", number(of.Offer), "publisher", number(of.Publisher))
	shop, err := url.Parse(click.Header.Get("Location"))
	require.NoError(t, err)
	converted := s.fireForJSON("/postback", url.Values{"secure": {secure}, "transaction_id": {shop.Query().Get("c")}})
	s.await(converted.Receipt, outcome.Converted)

	require.NotContains(t, written.String(), secure)
	require.NotContains(t, written.String(), weak)
	rows, err := sqlx.Open("postgres", s.options.DatabaseURL)
	require.NoError(t, err)
	defer rows.Close()
	var tables []string
	require.NoError(t, rows.Select(&tables, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"))
	require.Contains(t, tables, "history")
	for _, table := range tables {
		var found int
		require.NoError(t, rows.Get(&found, `SELECT count(*) FROM "`+table+`" AS t WHERE t::text LIKE '%Kq7Zp2Vx9%' OR t::text LIKE '%`+weak+`%'`))
		require.Zero(t, found, table)
	}
}

// TestTermsOfOnePublisherAreSetAndTakenBackOverTheAPI under the version of the offer.
func TestTermsOfOnePublisherAreSetAndTakenBackOverTheAPI(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	admin, offer := s.north.keys[keys.Admin], "/offers/"+number(s.north.Offer)
	terms := offer + "/publishers/" + number(s.north.Publisher)
	read := func() string { return s.do(admin, call{method: http.MethodGet, path: offer}).Header.Get("ETag") }
	change := func(method, version string, body any) response {
		return s.do(admin, call{method: method, path: terms, body: body, header: http.Header{"If-Match": {version}}})
	}
	first := read()
	set := change(http.MethodPatch, first, map[string]any{"payout": "1.25"})
	object, _ := madeIn(t, set)
	require.Equal(t, []any{map[string]any{"publisher": float64(s.north.Publisher), "payout": "1.25", "revenue": nil}}, object["overrides"])
	require.Equal(t, read(), set.Header.Get("ETag"))
	require.Equal(t, http.StatusPreconditionFailed, change(http.MethodPatch, first, map[string]any{"revenue": "90%"}).StatusCode)
	require.Equal(t, http.StatusPreconditionFailed, change(http.MethodDelete, first, nil).StatusCode)
	object, _ = madeIn(t, change(http.MethodPatch, read(), map[string]any{"revenue": "90%"}))
	require.Equal(t, []any{map[string]any{"publisher": float64(s.north.Publisher), "payout": "1.25", "revenue": "90%"}}, object["overrides"], "what is left out stays")
	object, _ = madeIn(t, change(http.MethodDelete, read(), nil))
	require.Empty(t, object["overrides"])
	require.Equal(t, http.StatusNotFound, change(http.MethodDelete, "*", nil).StatusCode)
	require.Equal(t, http.StatusUnprocessableEntity, change(http.MethodPatch, "*", map[string]any{}).StatusCode)
	require.Equal(t, http.StatusUnprocessableEntity, change(http.MethodPatch, "*", map[string]any{"payout": "2,5"}).StatusCode)
	terms = offer + "/publishers/" + number(s.south.Publisher)
	got := change(http.MethodPatch, "*", map[string]any{"payout": "1"})
	require.Equal(t, http.StatusNotFound, got.StatusCode, "%s: it is another account's publisher", got.body)

	entries, err := s.store.History(t.Context(), history.Filter{Noun: history.Offer, ObjectID: number(s.north.Offer)}, 0, 3)
	require.NoError(t, err)
	require.Equal(t, []history.Act{history.ClearTerms, history.SetTerms, history.SetTerms}, []history.Act{entries[0].Act, entries[1].Act, entries[2].Act})
	require.Regexp(t, `^a test \(key \d+\)$`, entries[0].By)
}

// TestUniqueOrdersAreSwitchedBesideTheRequest: while a transaction that writes conversions
// is under way the switch waits for it, and goes on when nobody asks any more.
func TestUniqueOrdersAreSwitchedBesideTheRequest(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	admin, offer := s.north.keys[keys.Admin], "/offers/"+number(s.north.Offer)
	set := func(on bool, version string) response {
		return s.do(admin, call{method: http.MethodPut, path: offer + "/unique-orders", body: map[string]any{"unique_orders": on}, header: http.Header{"If-Match": {version}}})
	}
	state := func() (string, string) {
		got := s.do(admin, call{method: http.MethodGet, path: offer})
		var shown struct {
			State string `json:"unique_orders_state"`
		}
		require.NoError(t, json.Unmarshal(got.body, &shown))
		return shown.State, got.Header.Get("ETag")
	}
	_, first := state()
	object, _ := madeIn(t, set(true, first))
	require.Equal(t, "on", object["unique_orders_state"])
	require.Equal(t, http.StatusPreconditionFailed, set(false, first).StatusCode)
	_, second := state()
	object, _ = madeIn(t, set(false, second))
	require.Equal(t, "off", object["unique_orders_state"])

	// Another offer, and somebody who gives up.
	offer = "/offers/" + number(s.north.paused)
	rows, err := sqlx.Open("postgres", s.options.DatabaseURL)
	require.NoError(t, err)
	defer rows.Close()
	tx, err := rows.Beginx()
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.Exec("LOCK TABLE conversions IN ROW EXCLUSIVE MODE")
	require.NoError(t, err)
	ctx, giveUp := context.WithCancel(t.Context())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		request, err := http.NewRequestWithContext(ctx, http.MethodPut, s.base+offer+"/unique-orders", strings.NewReader(`{"unique_orders":true}`))
		if err != nil {
			return
		}
		request.Header = http.Header{"Authorization": {"Bearer " + admin}, "If-Match": {"*"}, "Content-Type": {"application/json"}}
		if got, err := s.client.Do(request); err == nil {
			got.Body.Close()
		}
	}()
	require.Eventually(t, func() bool { now, _ := state(); return now == "filling" }, patience, 10*time.Millisecond)
	giveUp()
	<-asked
	require.NoError(t, tx.Rollback())
	require.Eventually(t, func() bool { now, _ := state(); return now == "on" }, patience, 10*time.Millisecond)
	entries, err := s.store.History(t.Context(), history.Filter{Noun: history.Offer, ObjectID: number(s.north.paused)}, 0, 2)
	require.NoError(t, err)
	for _, entry := range entries {
		require.Regexp(t, `^a test \(key \d+\)$`, entry.By)
	}
}

// TestAKeyIsRevokedOverTheAPIAndNoneIsMade: of another account's the API knows nothing.
func TestAKeyIsRevokedOverTheAPIAndNoneIsMade(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	admin := s.north.keys[keys.Admin]
	revoke := call{method: http.MethodPost, path: "/keys/" + number(s.north.spare.ID) + "/revoke"}
	require.Equal(t, http.StatusForbidden, s.do(s.north.keys[keys.Operate], revoke).StatusCode)
	require.Equal(t, http.StatusNotFound, s.do(s.south.keys[keys.Admin], revoke).StatusCode)
	require.Equal(t, http.StatusOK, s.do(admin, revoke).StatusCode)
	require.Equal(t, http.StatusUnauthorized, s.do(s.north.spare.Key, call{method: http.MethodGet, path: "/offers"}).StatusCode)
	listed := s.do(admin, call{method: http.MethodGet, path: "/keys?current=true"})
	require.NotContains(t, string(listed.body), `"north spare"`)
	require.NotContains(t, string(listed.body), `"key":`)
	_, made := s.send(admin, call{method: http.MethodPost, path: "/keys", body: map[string]any{"name": "x", "role": "admin"}})
	require.Equal(t, http.StatusMethodNotAllowed, made.StatusCode)
}
