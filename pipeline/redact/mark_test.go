package redact

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// Two secrets that are sent as ids stay two ids, and one secret stays one, however
// it is spelled.
func TestSecretsInAKeyStayApart(t *testing.T) {
	kept := func(name, value string) string {
		h := &hit.Hit{Kind: hit.Clickless, Params: map[string]string{name: value}}
		knows(imported, "other-imported-token", "comma, token").Hit(h)
		return h.Params[name]
	}
	k, err := token.ParseKeys("service-secret-of-the-tests")
	require.NoError(t, err)
	for _, name := range []string{hit.ParamOrderID, hit.ParamExternalTransactionID, hit.ParamTransactionID} {
		seen := map[string]string{}
		for i, same := range [][]string{
			{imported, " " + imported, url.QueryEscape(imported), url.QueryEscape(url.QueryEscape(imported))},
			{"other-imported-token"},
			{"comma, token"},
			{k.Token(1, 0, 1), strings.ToUpper(k.Token(1, 0, 1)), "i8t%5F" + k.Token(1, 0, 1)[4:]},
			{k.Token(1, 0, 2)},
			{"A-1 " + imported},
			{"A-1 other-imported-token"},
			{"secure=q7-x"}, {"secure=q7-y"},
			{"https://shop.example/thanks?token=q7-x", "https://shop.example/thanks?token=%71%37-x"},
			{"https://shop.example/thanks?token=q7-y"},
			{"/orders/access_token/q7-xyz"}, {"/orders/access_token/q7-xyw"},
			{joe, "Joe@Example.com", "joe%40example.com", "joe @example.com", "joe@@example.com"},
			{"jim@example.com"},
			{"order_token=q7-x"}, {"order_token=q7-y"}, {"cart_token=q7-x"},
			{"1001@shop"}, {"1002@shop"}, {"1001@store"},
		} {
			for _, value := range same {
				key := strings.TrimSpace(kept(name, value))
				if strings.Contains(value, "=") || strings.Contains(value, "/") || strings.HasPrefix(value, "A-1") {
					key = strings.ReplaceAll(key, "%71%37-x", "q7-x")
				}
				other, taken := seen[key]
				require.True(t, !taken || other == same[0], "%q and %q have become one", value, other)
				require.True(t, taken || value == same[0], "%d: %q is another key than %q", i, value, same[0])
				seen[key] = same[0]
				for _, secret := range []string{imported, "other-imported", "comma", "i8t_", "q7-x", "joe@", "jim"} {
					if !strings.Contains(value, "order_token") && !strings.Contains(value, "cart_token") {
						require.NotContains(t, key, secret)
					}
				}
			}
		}
	}
	require.Equal(t, "1001@shop", kept(hit.ParamOrderID, "1001@shop"), "an order may have such a name")
	require.Equal(t, hit.TokenDigestMark+sha256Hex(imported)+"]", kept(hit.ParamOrderID, imported), "the digest that is in the table of tokens")
	require.Equal(t, "[token]", kept(hit.ParamSubID, imported))
}
