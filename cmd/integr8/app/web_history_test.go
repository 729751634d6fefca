package app_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
)

// TestTheHistoryIsPagedAndOfTheKeysAccount: each change comes once, the newest first, and
// no response shows whether another account has an object.
func TestTheHistoryIsPagedAndOfTheKeysAccount(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0)
	type page struct {
		Items []history.Entry
		Next  *string
	}
	read := func(key, query string) (p page) {
		got := s.do(key, call{method: http.MethodGet, path: "/history?" + query})
		require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
		require.NoError(t, json.Unmarshal(got.body, &p))
		return p
	}
	reader := s.north.keys[keys.Read]
	s.do(s.north.keys[keys.Admin], call{method: http.MethodPatch, path: "/offers/" + number(s.north.Offer), body: map[string]any{"name": "winter"}, header: anyVersion})
	all := read(reader, "limit=1000")
	require.Nil(t, all.Next)
	require.Greater(t, len(all.Items), 4)
	require.JSONEq(t, `{"name":"winter"}`, string(all.Items[0].New))
	require.Regexp(t, `^a test \(key \d+\)$`, all.Items[0].By)
	var parts []history.Entry
	for part := read(reader, "limit=2"); ; part = read(reader, "limit=2&cursor="+*part.Next) {
		parts = append(parts, part.Items...)
		if part.Next == nil {
			break
		}
	}
	require.Equal(t, all.Items, parts)
	for _, entry := range all.Items {
		require.Equal(t, s.north.ID, entry.AccountID)
	}
	byKey := read(reader, "noun=offer&by=A%20TEST&id="+number(s.north.Offer))
	require.Len(t, byKey.Items, 1)
	require.Empty(t, read(reader, "until=2020-01-01T00:00:00Z").Items)

	operator := read(s.key(0, keys.Read), "limit=1000")
	require.Greater(t, len(operator.Items), len(all.Items))
	for _, path := range []string{
		"noun=offer&id=" + number(s.south.Offer), "noun=offer&id=4711", "noun=account&id=" + number(s.south.ID), "noun=account&id=4711",
		"noun=token&id=" + number(s.south.token), "noun=domain&id=" + number(s.south.domain), "noun=publisher&id=" + number(s.south.Publisher),
	} {
		got := s.do(reader, call{method: http.MethodGet, path: "/history?" + path})
		require.Equal(t, http.StatusNotFound, got.StatusCode, "%s: %s", path, got.body)
		require.NotContains(t, string(got.body), "account "+number(s.north.ID)+" has")
	}
}
