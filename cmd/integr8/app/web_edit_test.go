package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
)

// madeIn returns the object of a creation or an edit.
func madeIn(t *testing.T, got response) (object map[string]any, warnings []any) {
	t.Helper()
	var changed struct {
		Object   map[string]any
		Warnings []any
	}
	require.Less(t, got.StatusCode, 300, "%s", got.body)
	require.NoError(t, json.Unmarshal(got.body, &changed))
	require.NotNil(t, changed.Warnings)
	return changed.Object, changed.Warnings
}

// TestACreationThatIsSentAgainCreatesOnce: also when both arrive at once.
func TestACreationThatIsSentAgainCreatesOnce(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	bodies := map[string]map[string]any{
		"/advertisers": {"name": "Shoes"}, "/publishers": {"name": "Blog"}, "/accounts": {"name": "East"},
		"/offers": {"advertiser": s.north.advertiser, "name": "Sale", "destination": "https://shop.example/?c={transaction_id}", "payout": "2.50", "revenue": "4", "currency": "USD"},
	}
	for path, body := range bodies {
		key := s.north.keys[keys.Admin]
		if path == "/accounts" {
			key = s.key(0, keys.Admin)
		}
		c := call{method: http.MethodPost, path: path, body: body, header: once(path)}
		var mu sync.Mutex
		var ids []any
		var racing sync.WaitGroup
		for range 4 {
			racing.Go(func() {
				_, got := s.send(key, c)
				mu.Lock()
				defer mu.Unlock()
				object, _ := madeIn(t, got)
				ids = append(ids, object["id"])
			})
		}
		racing.Wait()
		require.Len(t, slices.Compact(ids), 1, "%s: %v", path, ids)

		other := c
		other.body = map[string]any{}
		for name, value := range body {
			other.body.(map[string]any)[name] = value
		}
		other.body.(map[string]any)["name"] = "Another"
		_, got := s.send(key, other)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, "%s", got.body)
		require.Contains(t, problemIn(t, got).Detail, "Idempotency-Key")
		c.header = nil
		object, _ := madeIn(t, s.do(key, c))
		require.NotContains(t, ids, object["id"], "without one each creates")
	}
	// The same text names another request under another path.
	got := s.do(s.north.keys[keys.Admin], call{method: http.MethodPost, path: "/publishers", body: bodies["/advertisers"], header: once("/advertisers")})
	require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
}

// TestTheTimeZoneOfAnAccountIsThatOfItsReports, in the API as well.
func TestTheTimeZoneOfAnAccountIsThatOfItsReports(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	operator := s.key(0, keys.Admin)
	edit := func(body map[string]any) response {
		return s.do(operator, call{method: http.MethodPatch, path: "/accounts/" + number(s.north.ID), body: body, header: anyVersion})
	}
	object, _ := madeIn(t, edit(map[string]any{"time_zone": "Asia/Kolkata"}))
	require.Equal(t, []any{"north", "Asia/Kolkata"}, []any{object["name"], object["time_zone"]})
	for _, body := range []map[string]any{{"time_zone": "Moon"}, {"time_zone": ""}, {}} {
		require.Equal(t, http.StatusUnprocessableEntity, edit(body).StatusCode, "%v", body)
	}
	object, _ = madeIn(t, s.do(operator, call{method: http.MethodPost, path: "/accounts", body: map[string]any{"name": "east", "time_zone": "Asia/Tokyo"}}))
	require.Equal(t, "Asia/Tokyo", object["time_zone"])

	for _, test := range []struct{ key, path, zone string }{
		{s.north.keys[keys.Read], "/report?by=day", "Asia/Kolkata"},
		{s.north.keys[keys.Read], "/report?by=day&tz=Asia/Tokyo", "Asia/Tokyo"},
		{s.north.keys[keys.Read], "/report?by=day&tz=UTC", ""},
		{operator, "/report?by=day&account=" + number(s.north.ID), "Asia/Kolkata"},
		{operator, "/report?by=day", ""},
	} {
		var counted struct{ Zone string }
		got := s.do(test.key, call{method: http.MethodGet, path: test.path})
		require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
		require.NoError(t, json.Unmarshal(got.body, &counted))
		require.Equal(t, test.zone, counted.Zone, test.path)
	}
}

// TestAnEditOfWhatWasChangedMeanwhileChangesNothing for each kind of object, and the ETag
// of an answer is that of the next edit.
func TestAnEditOfWhatWasChangedMeanwhileChangesNothing(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	key := s.north.keys[keys.Admin]
	for path, field := range map[string]string{
		"/advertisers/" + number(s.north.advertiser): "name", "/publishers/" + number(s.north.Publisher): "name", "/offers/" + number(s.north.Offer): "name",
		"/domains/" + number(s.north.domain): "host", "/accounts/" + number(s.south.ID): "name",
	} {
		key := key
		if strings.HasPrefix(path, "/accounts") {
			key = s.key(0, keys.Admin)
		}
		shown := s.do(key, call{method: http.MethodGet, path: path})
		edit := func(version, name string) response {
			return s.do(key, call{method: http.MethodPatch, path: path, body: map[string]any{field: name}, header: http.Header{"If-Match": {version}}})
		}
		first := edit(shown.Header.Get("ETag"), "one")
		object, _ := madeIn(t, first)
		require.Equal(t, "one", object[field])
		late := edit(shown.Header.Get("ETag"), "two")
		require.Equal(t, http.StatusPreconditionFailed, late.StatusCode, "%s", late.body)
		require.Equal(t, "precondition_failed", problemIn(t, late).Reason)
		object, _ = madeIn(t, edit(first.Header.Get("ETag"), "three"))
		require.Equal(t, "three", object[field])

		// Of those that read the same version one wins.
		version := s.do(key, call{method: http.MethodGet, path: path}).Header.Get("ETag")
		var mu sync.Mutex
		var statuses []int
		var racing sync.WaitGroup
		for _, name := range strings.Fields("four five six seven") {
			racing.Go(func() {
				_, got := s.send(key, call{method: http.MethodPatch, path: path, body: map[string]any{field: name}, header: http.Header{"If-Match": {version}}})
				mu.Lock()
				defer mu.Unlock()
				statuses = append(statuses, got.StatusCode)
			})
		}
		racing.Wait()
		slices.Sort(statuses)
		require.Equal(t, []int{200, 412, 412, 412}, statuses)
		for _, version := range []string{"", "x", `""`, `"`} {
			_, got := s.send(key, call{method: http.MethodPatch, path: path, body: map[string]any{field: "eight"}, header: http.Header{"If-Match": {version}}})
			require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, "%q: %s", version, got.body)
		}
	}
}

// TestAWriteOfTheAPIIsInTheHistoryWithItsKey and a refused one is not.
func TestAWriteOfTheAPIIsInTheHistoryWithItsKey(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	key := s.north.keys[keys.Admin]
	object, _ := madeIn(t, s.do(key, call{method: http.MethodPost, path: "/publishers", body: map[string]any{"name": "Blog"}, header: once("it")}))
	s.do(key, call{method: http.MethodPost, path: "/publishers", body: map[string]any{"name": "Blog"}, header: once("it")})
	id := number(int64(object["id"].(float64)))
	s.do(key, call{method: http.MethodPatch, path: "/publishers/" + id, body: map[string]any{"name": "Log"}, header: http.Header{"If-Match": {`"0123"`}}})
	s.do(key, call{method: http.MethodPatch, path: "/publishers/" + id, body: map[string]any{"status": "paused"}, header: anyVersion})
	entries, err := s.store.History(t.Context(), history.Filter{Noun: history.Publisher, ObjectID: id}, 0, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, history.Edit, entries[0].Act)
	require.JSONEq(t, `{"status":"paused"}`, string(entries[0].New))
	require.Equal(t, history.Create, entries[1].Act)
	for _, entry := range entries {
		require.Regexp(t, `^a test \(key \d+\)$`, entry.By)
	}
}

func TestWhatCannotBeStoredIsRefusedWithAHint(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	admin := s.north.keys[keys.Admin]
	offer := func(change map[string]any) call {
		body := map[string]any{"advertiser": s.north.advertiser, "name": "Sale", "destination": "https://shop.example/?c={transaction_id}", "payout": "2.50", "revenue": "4", "currency": "USD"}
		for name, value := range change {
			body[name] = value
		}
		return call{method: http.MethodPost, path: "/offers", body: body}
	}
	for name, test := range map[string]struct {
		call
		key    string
		status int
	}{
		"payout":      {offer(map[string]any{"payout": "2,50"}), admin, 422},
		"decimals":    {offer(map[string]any{"payout": "2.505"}), admin, 422},
		"currency":    {offer(map[string]any{"currency": "XX"}), admin, 422},
		"window":      {offer(map[string]any{"window": "soon"}), admin, 422},
		"no window":   {offer(map[string]any{"window": "0s"}), admin, 422},
		"ceiling":     {offer(map[string]any{"ceiling": "80%"}), admin, 422},
		"destination": {offer(map[string]any{"destination": "https://shop.example/"}), admin, 422},
		"no URL":      {offer(map[string]any{"destination": "shop"}), admin, 422},
		"name":        {offer(map[string]any{"name": " "}), admin, 422},
		"word":        {offer(map[string]any{"base_words": []string{"-5"}}), admin, 422},
		"param":       {offer(map[string]any{"ignored_params": []string{"order_id"}}), admin, 422},
		"advertiser":  {offer(map[string]any{"advertiser": 999}), admin, 404},
		"unknown":     {offer(map[string]any{"pay_out": "1"}), admin, 422},
		"no account":  {offer(nil), s.key(0, keys.Admin), 422},
		"role":        {offer(nil), s.north.keys[keys.Operate], 403},
		"nothing":     {call{method: http.MethodPatch, path: "/offers/" + number(s.north.Offer), body: map[string]any{}, header: anyVersion}, admin, 422},
		"no version":  {call{method: http.MethodPatch, path: "/offers/" + number(s.north.Offer), body: map[string]any{"name": "x"}}, admin, 422},
		"no such":     {call{method: http.MethodPatch, path: "/offers/999", body: map[string]any{"name": "x"}, header: anyVersion}, admin, 404},
	} {
		_, got := s.send(test.key, test.call)
		require.Equal(t, test.status, got.StatusCode, "%s: %s", name, got.body)
		problemIn(t, got)
	}
	got := s.do(s.key(0, keys.Admin), call{method: http.MethodPost, path: "/publishers?account=" + number(s.north.ID), body: map[string]any{"name": "publisher"}})
	object, _ := madeIn(t, got)
	require.EqualValues(t, s.north.ID, object["account_id"])
	_, warnings := madeIn(t, s.do(admin, call{method: http.MethodPost, path: "/publishers", body: map[string]any{"name": "PUBLISHER"}}))
	require.Len(t, warnings, 1, "of a namesake")
}
