package app_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/handlers/operate/keys"
)

// wrongKey is in the form of a key.
var wrongKey = "i8k_" + strings.Repeat("0", 64)

// TestAnAddressThatSendsWrongKeysIsRefusedForAWhile: other addresses are not, nor is a key
// that has worked before, wherever it comes from.
func TestAnAddressThatSendsWrongKeysIsRefusedForAWhile(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0, func(w *app.Web) {
		w.WrongKeys, w.TrustedProxies = 3, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	ask := func(key, forwarded string) response {
		return s.do(key, call{method: http.MethodGet, path: "/publishers", header: http.Header{"X-Forwarded-For": {forwarded}}})
	}
	const guesser, other = "198.51.100.7", "198.51.100.8"
	known, fresh := s.north.keys[keys.Read], s.north.keys[keys.Operate]
	require.Equal(t, http.StatusOK, ask(known, guesser).StatusCode)
	var refused response
	for range 100 { // a slow machine may forgive some meanwhile
		if refused = ask(wrongKey, guesser); refused.StatusCode != http.StatusUnauthorized {
			break
		}
	}
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	require.Contains(t, problemIn(t, refused).Detail, "too many wrong keys")
	seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, seconds)
	require.LessOrEqual(t, seconds, 20)

	require.Equal(t, http.StatusOK, ask(known, guesser).StatusCode, "it has worked before")
	require.Equal(t, http.StatusTooManyRequests, ask("i8k_x", "203.0.113.1, "+guesser).StatusCode, "a client cannot say that it is another")
	require.Equal(t, http.StatusUnauthorized, ask(wrongKey, other).StatusCode)
	require.Equal(t, http.StatusOK, ask(fresh, other).StatusCode)
	require.Equal(t, http.StatusOK, ask(fresh, guesser).StatusCode, "it has worked elsewhere")
}

// TestAnAddressIsWhatTheConnectionSays, unless a trusted proxy says otherwise.
func TestAnAddressIsWhatTheConnectionSays(t *testing.T) {
	t.Parallel()
	s, _ := serveWeb(t, 0, func(w *app.Web) { w.WrongKeys = 3 })
	refused := 0
	for i := range 100 {
		got := s.do(wrongKey, call{method: http.MethodGet, path: "/publishers", header: http.Header{"X-Forwarded-For": {"198.51.100." + strconv.Itoa(i)}}})
		if got.StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	require.Greater(t, refused, 50)
}
