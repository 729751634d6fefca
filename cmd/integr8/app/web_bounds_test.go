package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/handlers/operate/keys"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// problem is the form of an error.
type problem struct {
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Reason string `json:"reason"`
	Hint   string `json:"hint"`
	Errors []struct {
		Location string `json:"location"`
	} `json:"errors"`
}

func problemIn(t *testing.T, got response) (p problem) {
	t.Helper()
	require.Equal(t, "application/problem+json", got.Header.Get("Content-Type"), "%s", got.body)
	require.NoError(t, json.Unmarshal(got.body, &p))
	require.Equal(t, got.StatusCode, p.Status)
	require.NotEmpty(t, p.Reason)
	requireNoFlags(t, p.Detail+" "+p.Hint)
	return p
}

// serveWeb starts the API alone, as integr8 web does, and one account.
func serveWeb(t *testing.T, rate int, change ...func(*app.Web)) (*served, *app.App) {
	t.Helper()
	options := newOptions(t)
	options.Receiver, options.Worker, options.Web.Rate, options.Web.WrongKeys = nil, nil, rate, 0
	for _, change := range change {
		change(options.Web)
	}
	db, err := store.Open(options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s := &served{t: t, store: db, options: options, client: &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
	s.north = s.tenant(storetest.NewAccount(t, db, options.Keys, "north"), "north")
	s.south = s.tenant(storetest.NewAccount(t, db, options.Keys, "south"), "south")
	system := start(t, options)
	web, err := system.WebAddr(t.Context())
	require.NoError(t, err)
	s.base = "http://" + web + "/api/v1"
	s.document = s.readDocument()
	return s, system
}

func TestAWrongRequestIsAProblemThatSaysWhere(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	key := s.north.keys[keys.Admin]
	const secret = "i8t_0123456789012345678901234567890123456789"
	for _, test := range []struct {
		call
		status   int
		location string
	}{
		{call{method: http.MethodGet, path: "/hits?limit=0"}, http.StatusUnprocessableEntity, "query.limit"},
		{call{method: http.MethodGet, path: "/hits?limit=1001"}, http.StatusUnprocessableEntity, "query.limit"},
		{call{method: http.MethodGet, path: "/hits?kind=moon"}, http.StatusUnprocessableEntity, "query.kind"},
		{call{method: http.MethodGet, path: "/hits?knd=click"}, http.StatusUnprocessableEntity, "query.knd"},
		{call{method: http.MethodGet, path: "/hits?since=yesterday"}, http.StatusUnprocessableEntity, "query.since"},
		{call{method: http.MethodGet, path: "/hits?account=0"}, http.StatusUnprocessableEntity, "query.account"},
		{call{method: http.MethodGet, path: "/hits?cursor=x"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/dead-letters?cursor=x"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/offers?cursor=x"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/history?cursor=-1"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/history?id=1"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/history?noun=moon"}, http.StatusUnprocessableEntity, "query.noun"},
		{call{method: http.MethodGet, path: "/history?noun=offer&id=999"}, http.StatusNotFound, ""},
		{call{method: http.MethodPost, path: "/tokens/import", body: map[string]any{"token": 7}}, http.StatusUnprocessableEntity, "body.token"},
		{call{method: http.MethodPost, path: "/tokens/import", body: map[string]any{"token": secret, "offer": secret}}, http.StatusUnprocessableEntity, "body.offer"},
		{call{method: http.MethodPost, path: "/tokens/import", body: map[string]any{"tokn": secret}}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/tokens/import", body: `{"token":"` + secret}, http.StatusBadRequest, ""},
		{call{method: http.MethodPost, path: "/tokens", body: map[string]any{"offer": 999}}, http.StatusNotFound, ""},
		{call{method: http.MethodPost, path: "/tokens", body: map[string]any{"for": "click"}}, http.StatusUnprocessableEntity, "body.for"},
		{call{method: http.MethodPatch, path: "/tokens/" + number(s.north.token), body: map[string]any{"valid_until": "soon"}, header: anyVersion}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/domains", body: map[string]any{"host": "https://track.example/x"}}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/domains", body: map[string]any{"host": "10.0.0.1:80/"}}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/domains", body: map[string]any{"host": s.south.host}}, http.StatusConflict, ""},
		{call{method: http.MethodPatch, path: "/accounts/1", body: map[string]any{"name": "x"}, header: anyVersion}, http.StatusForbidden, ""},
		{call{method: http.MethodPost, path: "/accounts", body: map[string]any{"name": "x"}}, http.StatusForbidden, ""},
		{call{method: http.MethodPatch, path: "/accounts/1", body: map[string]any{"time_zone": "UTC"}, header: anyVersion}, http.StatusForbidden, ""},
		{call{method: http.MethodGet, path: "/hits?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/report?by=moon"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/report?tz=Local"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/trace/x"}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodGet, path: "/hits?offer=999"}, http.StatusNotFound, ""},
		{call{method: http.MethodGet, path: "/trace/01900000-0000-7000-8000-000000000000"}, http.StatusNotFound, ""},
		{call{method: http.MethodPost, path: "/find", body: map[string]any{}}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/find", body: map[string]any{"token": 7}}, http.StatusUnprocessableEntity, "body.token"},
		{call{method: http.MethodPost, path: "/find", body: map[string]any{"tokn": secret}}, http.StatusUnprocessableEntity, "body.tokn"},
		{call{method: http.MethodPost, path: "/find", body: map[string]any{"ip": secret}}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/find", body: map[string]any{"email": secret}}, http.StatusUnprocessableEntity, ""},
		{call{method: http.MethodPost, path: "/find", body: map[string]any{"receipt": secret}}, http.StatusUnprocessableEntity, "body.receipt"},
		{call{method: http.MethodPost, path: "/find", body: `{"token":"` + secret}, http.StatusBadRequest, ""},
		{call{method: http.MethodPost, path: "/find", body: `{"token":"` + strings.Repeat("x", 300<<10) + `"}`}, http.StatusRequestEntityTooLarge, ""},
		{call{method: http.MethodDelete, path: "/hits"}, http.StatusMethodNotAllowed, ""},
		{call{method: http.MethodGet, path: "/moon"}, http.StatusNotFound, ""},
		{call{method: http.MethodGet, path: "/docs"}, http.StatusNotFound, ""},
	} {
		_, got := s.send(key, test.call)
		require.Equal(t, test.status, got.StatusCode, "%s: %s", test.path, got.body)
		wrong := problemIn(t, got)
		require.NotContains(t, string(got.body), secret)
		require.NotContains(t, string(got.body), key)
		if test.location != "" {
			require.Len(t, wrong.Errors, 1, "%s: %s", test.path, got.body)
			require.Equal(t, test.location, wrong.Errors[0].Location)
		}
		if test.status == http.StatusMethodNotAllowed {
			require.Contains(t, got.Header.Get("Allow"), http.MethodGet)
		}
	}
}

func TestAKeyThatAsksTooOftenIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 1)
	c := call{method: http.MethodGet, path: "/publishers"}
	refused := response{}
	for range 1000 { // a slow machine may earn some requests while it sends others
		if refused = s.do(s.north.keys[keys.Read], c); refused.StatusCode != http.StatusOK {
			break
		}
	}
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	require.Equal(t, "too_many_requests", problemIn(t, refused).Reason)
	seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, seconds)
	require.Equal(t, http.StatusOK, s.do(s.north.keys[keys.Operate], c).StatusCode, "the rate is of each key")
}

func TestARevokedKeyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	use := keys.Keys{Store: s.store}
	made, err := use.Create(t.Context(), keys.NewKey{Account: s.north.ID, Role: keys.Read, Name: "x"})
	require.NoError(t, err)
	c := call{method: http.MethodGet, path: "/publishers"}
	require.Equal(t, http.StatusOK, s.do(made.Key, c).StatusCode)
	_, err = use.Revoke(t.Context(), 0, made.ID)
	require.NoError(t, err)
	got := s.do(made.Key, c)
	require.Equal(t, http.StatusUnauthorized, got.StatusCode)
	require.Equal(t, "Bearer", got.Header.Get("WWW-Authenticate"))
}

// TestTheAPIAloneIsReadyAndStopsInGoodOrder: start fails the test where Run returns an
// error.
func TestTheAPIAloneIsReadyAndStopsInGoodOrder(t *testing.T) {
	t.Parallel()
	s, system := serveWeb(t, 0)
	admin, err := system.AdminAddr(t.Context())
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		got, err := s.client.Get("http://" + admin + "/readyz")
		if err != nil {
			return false
		}
		got.Body.Close()
		return got.StatusCode == http.StatusOK
	}, patience, 10*time.Millisecond)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = app.New(newOptions(t)).WebAddr(ended)
	require.ErrorIs(t, err, context.Canceled)
}

// TestOneSenderWithSlowRequestsLeavesTheRestToOthers: more requests whose bodies do not come
// than there may be connections hold no more than a sender's share of them.
func TestOneSenderWithSlowRequestsLeavesTheRestToOthers(t *testing.T) {
	t.Parallel()
	_, system := serveWeb(t, 0)
	web, err := system.WebAddr(t.Context())
	require.NoError(t, err)
	refused := 0
	for range 300 {
		conn, err := net.Dial("tcp", web)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=", web)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
		answer := make([]byte, 12)
		if n, _ := conn.Read(answer); string(answer[:n]) == "HTTP/1.1 429" {
			refused++
		}
	}
	require.GreaterOrEqual(t, refused, 200, "the sender has its share")
	elsewhere := &http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext,
	}}
	for _, path := range []string{"/login", "/api/v1/openapi.json"} {
		got, err := elsewhere.Get("http://" + web + path)
		require.NoError(t, err)
		require.NoError(t, got.Body.Close())
		require.Equal(t, http.StatusOK, got.StatusCode, path)
	}
}
