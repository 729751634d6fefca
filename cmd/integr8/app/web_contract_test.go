package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
)

func publisherNamed(name string) reference.PublisherChange {
	return reference.PublisherChange{Name: &name}
}

func offerNamed(name string) reference.OfferChange { return reference.OfferChange{Name: &name} }

// callsOf returns the requests with which an account's tests call each operation. They
// ask for what the account has. An operation without any fails the tests.
func callsOf(of *tenant) map[string][]call {
	get := func(path string, parameters ...string) call {
		query := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			query.Set(parameters[i], parameters[i+1])
		}
		if len(query) > 0 {
			path += "?" + query.Encode()
		}
		return call{method: http.MethodGet, path: path}
	}
	find := func(body map[string]any) call { return call{method: http.MethodPost, path: "/find", body: body} }
	since := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	return map[string][]call{
		"list-conversions": {
			get("/conversions"), get("/conversions", "limit", "1"),
			get("/conversions", "offer", number(of.Offer), "publisher", number(of.Publisher), "since", since, "method", "postback",
				"status", "approved", "event", "conversion", "currency", "USD", "order_id", of.order),
		},
		"list-hits": {
			get("/hits"), get("/hits", "limit", "1"),
			get("/hits", "offer", number(of.Offer), "since", since, "kind", "postback", "outcome", "converted"),
			get("/hits", "reason", "offer_paused"),
		},
		"find": {
			find(map[string]any{"receipt": of.receipt}), find(map[string]any{"transaction_id": of.transaction}),
			find(map[string]any{"order_id": of.order}), find(map[string]any{"token": of.Global}),
			find(map[string]any{"ip": "127.0.0.1", "since": since, "limit": 1}), find(map[string]any{"email": "ann@example.com", "offer": of.Offer}),
			find(map[string]any{"sub_id": of.order}), find(map[string]any{"external_id": of.order}),
		},
		"trace":            {get("/trace/" + of.receipt.String()), get("/trace/" + of.transaction), get("/trace/" + of.deadLetter.String())},
		"report":           {get("/report"), get("/report", "by", "day,publisher", "tz", "Asia/Kolkata", "from", since, "offer", number(of.Offer)), get("/report", "by", "reason"), get("/report", "by", "sub_id")},
		"report-reasons":   {get("/report/reasons")},
		"report-conflicts": {get("/report/conflicts", "publisher", number(of.Publisher))},
		"report-orders":    {get("/report/orders")},
		"list-dead-letters": {
			get("/dead-letters"), get("/dead-letters", "limit", "1"), get("/dead-letters", "status", "all", "reason", "offer_paused", "kind", "clickless", "offer", number(of.paused), "since", since),
			get("/dead-letters", "publisher", number(of.Publisher), "advertiser", number(of.advertiser), "network", "127.0.0.0/24", "text", "clickless"),
			get("/dead-letters", "token", "1", "token_digest", "0011223344", "act", of.receipt.String()),
		},
		"count-dead-letters": {get("/dead-letters/reasons"), get("/dead-letters/reasons", "status", "open"), get("/dead-letters/reasons", "senders", "3")},
		"show-dead-letter":   {get("/dead-letters/" + of.deadLetter.String())},
		"list-jobs":          {get("/jobs"), get("/jobs", "limit", "1"), get("/jobs", "state", "done")},
		"show-job":           {get("/jobs/" + number(of.job))},
		"estimate-job": {
			{method: http.MethodPost, path: "/jobs/estimate", body: map[string]any{"act": "replay", "filter": map[string]any{"reason": "offer_paused"}}},
			{method: http.MethodPost, path: "/jobs/estimate", body: map[string]any{"act": "discard", "filter": map[string]any{"receipts": []string{of.deadLetter.String()}}, "per_second": 5}},
		},
		"list-offers":         {get("/offers"), get("/offers", "limit", "1"), get("/offers", "advertiser", number(of.advertiser), "status", "active", "name", "offer")},
		"show-offer":          {get("/offers/" + number(of.Offer))},
		"list-publishers":     {get("/publishers"), get("/publishers", "status", "active", "name", "publisher")},
		"show-publisher":      {get("/publishers/" + number(of.Publisher))},
		"list-advertisers":    {get("/advertisers"), get("/advertisers", "name", "advertiser")},
		"show-advertiser":     {get("/advertisers/" + number(of.advertiser))},
		"list-domains":        {get("/domains"), get("/domains", "host", "example")},
		"show-domain":         {get("/domains/" + number(of.domain))},
		"show-token":          {get("/tokens/" + number(of.token))},
		"show-token-urls":     {get("/tokens/" + number(of.token) + "/urls")},
		"show-current-tokens": {get("/tokens/current", "account", number(of.ID)), get("/tokens/current", "account", number(of.ID), "offer", number(of.Offer))},
		"list-history": {
			get("/history"), get("/history", "limit", "1"), get("/history", "noun", "offer", "id", number(of.Offer)),
			get("/history", "noun", "account", "id", number(of.ID), "by", "x"), get("/history", "since", since, "noun", "token"),
		},
		"list-alerts":      {get("/alerts"), get("/alerts", "on", "true", "limit", "1")},
		"list-alert-rules": {get("/alert-rules"), get("/alert-rules", "limit", "1")},
		"show-alert-rule":  {get("/alert-rules/" + number(of.rule))},
		"list-webhooks":    {get("/webhooks")},
		"list-keys":        {get("/keys"), get("/keys", "current", "true")},
		"list-tokens":      {get("/tokens"), get("/tokens", "offer", number(of.Offer), "current", "true"), get("/tokens", "global", "true", "for", "postback")},
	}
}

// anyVersion is the header of an edit that does not mind changes by others.
var anyVersion = http.Header{"If-Match": {"*"}}

// once is the header of a creation that happens once.
func once(name string) http.Header { return http.Header{"Idempotency-Key": {"a test of " + name}} }

// changesOf returns the requests of operations that change something of an account.
func changesOf(of *tenant) map[string][]call {
	act := map[string]any{"receipts": []string{of.deadLetter.String()}, "note": "a test"}
	return map[string][]call{
		"replay-dead-letters":  {{method: http.MethodPost, path: "/dead-letters/replay", body: act}},
		"discard-dead-letters": {{method: http.MethodPost, path: "/dead-letters/discard", body: act}},
		"note-dead-letters":    {{method: http.MethodPost, path: "/dead-letters/note", body: act}},
		"create-job": {
			{method: http.MethodPost, path: "/jobs", body: map[string]any{"act": "replay", "filter": map[string]any{"receipts": []string{of.deadLetter.String()}}, "note": "a test"}, header: once("job")},
			{method: http.MethodPost, path: "/jobs", body: map[string]any{"act": "discard", "per_second": 10, "filter": map[string]any{
				"reason": "unknown_offer", "kind": "postback", "offer": of.Offer, "advertiser": of.advertiser, "publisher": of.Publisher, "token": 1, "token_digest": "0123456789abcdef",
				"network": "192.0.2.0/24", "text": "order", "since": time.Now().UTC().Format(time.RFC3339), "until": time.Now().UTC().Format(time.RFC3339), "silent": true,
			}}},
			{method: http.MethodPost, path: "/jobs", body: map[string]any{"act": "undo", "filter": map[string]any{"all": true}}},
			{method: http.MethodPost, path: "/jobs", body: map[string]any{"act": "note", "filter": map[string]any{"all": true}, "note": "a test"}},
			{method: http.MethodPost, path: "/jobs", body: map[string]any{"act": "undo", "filter": map[string]any{"act": "0195957f-0ab7-7000-8000-000000000001"}}},
		},
		"cancel-job":        {{method: http.MethodPost, path: "/jobs/" + number(of.job) + "/cancel"}},
		"create-advertiser": {{method: http.MethodPost, path: "/advertisers", body: map[string]any{"name": "Shoes"}, header: once("advertiser")}},
		"create-publisher":  {{method: http.MethodPost, path: "/publishers", body: map[string]any{"name": "Blog"}}},
		"create-offer": {
			{method: http.MethodPost, path: "/offers", body: map[string]any{
				"advertiser": of.advertiser, "name": "Sale", "destination": "https://shop.example/?c={transaction_id}", "payout": "2.50", "revenue": "80%", "currency": "usd",
			}},
			{method: http.MethodPost, path: "/offers", header: once("offer"), body: map[string]any{
				"advertiser": of.advertiser, "name": "Sale", "destination": "https://shop.example/", "payout": "1", "revenue": "5", "currency": "EUR", "window": "12h", "status": "paused",
				"own_amounts": true, "ceiling": "40", "many_per_click": true, "unique_orders": true, "base_words": []string{"trial"}, "ignored_params": []string{"goal_id"},
				"allow_missing_transaction_id": true,
			}},
		},
		"edit-advertiser": {{method: http.MethodPatch, path: "/advertisers/" + number(of.advertiser), body: map[string]any{"name": "Boots"}, header: anyVersion}},
		"edit-publisher":  {{method: http.MethodPatch, path: "/publishers/" + number(of.Publisher), body: map[string]any{"status": "paused"}, header: anyVersion}},
		"edit-offer": {{method: http.MethodPatch, path: "/offers/" + number(of.Offer), header: anyVersion, body: map[string]any{
			"advertiser": of.advertiser, "destination": "https://shop.example/?c={transaction_id}&x=1", "payout": "2", "revenue": "3", "currency": "USD", "window": "10d", "status": "active",
			"own_amounts": false, "ceiling": "none", "many_per_click": true, "base_words": []string{}, "ignored_params": []string{"status"},
		}}},
		"set-terms": {
			{method: http.MethodPatch, path: "/offers/" + number(of.Offer) + "/publishers/" + number(of.Publisher), header: anyVersion, body: map[string]any{"payout": "1.25"}},
			{method: http.MethodPatch, path: "/offers/" + number(of.Offer) + "/publishers/" + number(of.Publisher), header: anyVersion, body: map[string]any{"revenue": "90%"}},
			{method: http.MethodPatch, path: "/offers/" + number(of.paused) + "/publishers/" + number(of.Publisher), header: anyVersion, body: map[string]any{"payout": "1"}},
		},
		"clear-terms": {{method: http.MethodDelete, path: "/offers/" + number(of.termed) + "/publishers/" + number(of.Publisher), header: anyVersion}},
		"switch-unique-orders": {
			{method: http.MethodPut, path: "/offers/" + number(of.paused) + "/unique-orders", header: anyVersion, body: map[string]any{"unique_orders": true}},
			{method: http.MethodPut, path: "/offers/" + number(of.paused) + "/unique-orders", header: anyVersion, body: map[string]any{"unique_orders": false}},
		},
		"create-domain": {{method: http.MethodPost, path: "/domains", header: once("domain"), body: map[string]any{"host": "track" + number(of.ID) + ".example"}}},
		"edit-domain":   {{method: http.MethodPatch, path: "/domains/" + number(of.domain), header: anyVersion, body: map[string]any{"host": "moved." + of.host}}},
		"create-token": {
			{method: http.MethodPost, path: "/tokens", body: map[string]any{}},
			{method: http.MethodPost, path: "/tokens", header: once("token"), body: map[string]any{"offer": of.Offer, "for": "clickless"}},
		},
		"import-token": {{method: http.MethodPost, path: "/tokens/import", header: once("import"), body: map[string]any{"token": "older-Kq7Zp2Vx9-Rt4Wm8Yb3-" + of.order, "for": "postback"}}},
		"edit-token":   {{method: http.MethodPatch, path: "/tokens/" + number(of.token), header: anyVersion, body: map[string]any{"valid_until": "2100-01-01"}}},
		"create-alert-rule": {
			{method: http.MethodPost, path: "/alert-rules", header: once("rule"), body: map[string]any{"name": "Few", "condition": "rejection_rate", "each_offer": true, "window_minutes": 30, "percent": 10, "least": 5}},
			{method: http.MethodPost, path: "/alert-rules", body: map[string]any{"name": "New", "condition": "new_reason", "offer": of.Offer}},
		},
		"edit-alert-rule": {
			{method: http.MethodPatch, path: "/alert-rules/" + number(of.rule), header: anyVersion, body: map[string]any{"name": "Fewer", "window_minutes": 45, "percent": 10, "least": 3, "silenced_until": "2100-01-01T00:00:00Z"}},
			{method: http.MethodPatch, path: "/alert-rules/" + number(of.rule), header: anyVersion, body: map[string]any{"status": "paused"}},
		},
		"show-webhook":   {{method: http.MethodGet, path: "/webhooks/" + number(of.webhook)}},
		"create-webhook": {{method: http.MethodPost, path: "/webhooks", header: once("webhook"), body: map[string]any{"url": "https://hooks.example/in"}}},
		"remove-webhook": {{method: http.MethodPost, path: "/webhooks/" + number(of.webhook) + "/remove"}},
		"revoke-key":     {{method: http.MethodPost, path: "/keys/" + number(of.spare.ID) + "/revoke"}},
	}
}

// systemCalls are the requests of operations about the whole system.
func systemCalls() map[string][]call {
	why := map[string]any{"reason": "a test"}
	return map[string][]call{
		"audit": {
			{method: http.MethodGet, path: "/audit"},
			{method: http.MethodGet, path: "/audit?since=" + time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)},
		},
		"list-queues":    {{method: http.MethodGet, path: "/queues"}},
		"pause-queue":    {{method: http.MethodPost, path: "/queues/deliveries/pause", body: why}},
		"resume-queue":   {{method: http.MethodPost, path: "/queues/clicks/pause", body: why}, {method: http.MethodPost, path: "/queues/clicks/resume", body: why}},
		"list-accounts":  {{method: http.MethodGet, path: "/accounts"}, {method: http.MethodGet, path: "/accounts?name=NORTH&limit=1"}},
		"show-account":   {{method: http.MethodGet, path: "/accounts/1"}},
		"create-account": {{method: http.MethodPost, path: "/accounts", header: once("account"), body: map[string]any{"name": "east", "time_zone": "Asia/Tokyo"}}},
		"edit-account":   {{method: http.MethodPatch, path: "/accounts/2", header: anyVersion, body: map[string]any{"name": "far south", "time_zone": "America/Lima"}}},
	}
}

// TestEveryOperationIsAsTheDocumentSays calls each operation of the served document on the
// real server, with the key of the account and with an operator's, and has requests and
// responses judged by a library that did not make the document.
func TestEveryOperationIsAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	calls, changes, system := callsOf(s.north), changesOf(s.north), systemCalls()
	for id := range s.document.operations {
		require.NotEmpty(t, slices.Concat(calls[id], changes[id], system[id]), "%s is not called by any test", id)
		for _, c := range slices.Concat(calls[id], changes[id]) {
			got := s.do(s.north.keys[keys.Admin], c)
			require.Less(t, got.StatusCode, 300, "%s %s: %s", c.method, c.path, got.body)
			require.Equal(t, "no-store", got.Header.Get("Cache-Control"))
		}
		for _, c := range system[id] {
			got := s.do(s.operator, c)
			require.Less(t, got.StatusCode, 300, "%s: %s", c.path, got.body)
		}
	}
	require.Len(t, s.document.operations, len(calls)+len(changes)+len(system))
}

// TestOnlyOperationsOfTheSystemHaveNoAccount: whoever adds an operation decides which it is.
func TestOnlyOperationsOfTheSystemHaveNoAccount(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	for id := range s.document.operations {
		require.Equal(t, systemCalls()[id] == nil, s.document.accounts[id], "%s", id)
	}
	// An operator's key works in all accounts, or in the one that it names.
	for path, want := range map[string][]int64{"/offers": {s.north.ID, s.south.ID}, "/offers?account=" + number(s.south.ID): {s.south.ID}} {
		got := s.do(s.operator, call{method: http.MethodGet, path: path})
		for _, account := range []int64{s.north.ID, s.south.ID} {
			require.Equal(t, slices.Contains(want, account), strings.Contains(string(got.body), `"account_id":`+number(account)+","), path)
		}
	}
}

// TestNoKeyOpensWhatIsAnotherAccounts goes over every operation of the served document
// with the key of another account, which asks for what the first has: nothing of it comes
// back, and nothing of it changes.
func TestNoKeyOpensWhatIsAnotherAccounts(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	calls, changes := callsOf(s.north), changesOf(s.north)
	own, stranger := s.north.keys[keys.Admin], s.south.keys[keys.Admin]
	before := s.all(own)
	for id := range s.document.operations {
		opened := false // by its own key, or this test proves nothing
		for _, c := range calls[id] {
			opened = opened || s.marked(s.do(own, c)) != ""
		}
		for _, c := range slices.Concat(calls[id], changes[id]) {
			s.closed(id, stranger, c, true)
			named := c
			named.path += map[bool]string{true: "&", false: "?"}[strings.Contains(c.path, "?")] + "account=" + number(s.north.ID)
			require.Equal(t, http.StatusForbidden, s.closed(id, stranger, named, true).StatusCode, "%s names the account", id)
			if changes[id] != nil {
				require.Equal(t, http.StatusForbidden, s.closed(id, s.north.keys[keys.Read], c, true).StatusCode, "%s with a key that only reads", id)
			}
			for _, wrong := range []string{"", own[:12], own[:len(own)-1] + "x", "i8k_" + strings.Repeat("0", 64), s.north.Global} {
				require.Equal(t, http.StatusUnauthorized, s.closed(id, wrong, c, false).StatusCode, "%s with %.8s", id, wrong)
			}
		}
		if len(calls[id]) > 0 && !slices.Contains([]string{"report-conflicts", "report-orders", "count-dead-letters"}, id) { // none, or only counts
			require.True(t, opened, id)
		}
		for _, c := range systemCalls()[id] {
			require.Equal(t, http.StatusForbidden, s.closed(id, own, c, true).StatusCode, "%s is for operators", id)
			require.Equal(t, http.StatusUnauthorized, s.closed(id, "", c, false).StatusCode)
		}
		require.NotEmpty(t, slices.Concat(calls[id], changes[id], systemCalls()[id]), "%s is not tried", id)
	}
	require.JSONEq(t, before, s.all(own), "a stranger changed something")
	got := s.do(s.north.spare.Key, call{method: http.MethodGet, path: "/publishers"})
	require.Equal(t, http.StatusOK, got.StatusCode, "a stranger revoked a key")
}

// all is what the account sees of its own reference data and dead letters.
func (s *served) all(key string) string {
	s.t.Helper()
	seen := map[string]json.RawMessage{}
	for _, path := range []string{"/offers", "/publishers", "/advertisers", "/domains", "/tokens", "/dead-letters?status=all", "/conversions", "/alert-rules", "/webhooks", "/jobs"} {
		got := s.do(key, call{method: http.MethodGet, path: path})
		require.Equal(s.t, http.StatusOK, got.StatusCode)
		seen[path] = got.body
	}
	text, err := json.Marshal(seen)
	require.NoError(s.t, err)
	return string(text)
}

// closed demands that a call brings nothing of north.
func (s *served) closed(id, key string, c call, judged bool) response {
	s.t.Helper()
	var got response
	if judged {
		got = s.do(key, c)
	} else {
		var request func() *http.Request
		request, got = s.send(key, c)
		s.document.checkResponse(s.t, request, got)
	}
	if got.StatusCode < 300 {
		require.Empty(s.t, s.marked(got), "%s %s: %s", id, c.path, got.body)
	}
	switch got.StatusCode {
	case http.StatusOK, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
	case http.StatusCreated: // in the stranger's own account
		require.Contains(s.t, []string{"create-advertiser", "create-publisher", "create-domain", "create-token", "import-token", "create-job", "create-alert-rule", "create-webhook"}, id)
		require.Contains(s.t, string(got.body), `"account_id":`+number(s.south.ID)+",")
	default:
		require.Failf(s.t, "an odd answer", "%s %s: %d %s", id, c.path, got.StatusCode, got.body)
	}
	return got
}

// marked returns something of north that a response holds.
func (s *served) marked(got response) string {
	for _, mark := range []string{
		`"account_id":` + number(s.north.ID) + ",", s.north.transaction, s.north.receipt.String(), s.north.deadLetter.String(), "north",
		`"reason":"offer_paused","dead_letters":2`, // both accounts have one
	} {
		if strings.Contains(string(got.body), mark) {
			return mark
		}
	}
	return ""
}
