package redact

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

func TestAValueWhoseNameIsThatOfASecretIsReplaced(t *testing.T) {
	names := []string{
		"token", "api_key", "apikey", "secret", "auth", "access_token", "password", "Api-Key", "x-api-key", "clientSecret", "user_password", "passwd", "pwd", "bearer",
		"Authorization", "refresh_token", "s2s_token", "private_key",
		"cvv", "CVC2", "card_number", "cardNumber", "pan", "jwt", "hmac", "X-Shopify-Hmac-Sha256", "signature", "stripe-signature", "security_code", "my_very_own_network_access_token",
	}
	for _, name := range names {
		for text, want := range map[string]string{
			"https://p.example/?a=1&" + name + "=q7-x&b=2": "https://p.example/?a=1&" + name + "=[secret]&b=2",
			`{"` + name + `":"q7-x","a":1}`:                `{"` + name + `":"[secret]","a":1}`,
			"?u=" + url.QueryEscape("?"+name+"=q7-x&c=1"):  "?u=%3F" + name + "%3D[secret]%26c%3D1",
			"x[" + name + "]=q7-x":                         "x[" + name + "]=[secret]",
			"/postback/" + name + "/q7-abcd/x":             "/postback/" + name + "/[secret]/x",
		} {
			got, found := Redactor{}.Text(text)
			require.Equal(t, want, got)
			require.Equal(t, FoundSecret, found, text)
		}
		for _, name := range []string{name, strings.ToUpper(name), "x[" + name + "]", name + "[]", "data." + name, "a;" + name} {
			h := &hit.Hit{Kind: hit.Postback, Params: map[string]string{name: "q7-x"}}
			require.Equal(t, FoundSecret, Redactor{}.Hit(h), name)
			require.Equal(t, map[string]string{name: "[secret]"}, h.Params)
			require.True(t, h.TokenDigest.IsZero(), "it is not the secure token, and may be easy to guess")
		}
	}
	for _, name := range []string{"order_token", "cart_token", "checkoutToken", "cart[token]", "order.token", "click-token", "visitor_token", "author", "keyword", "japan", "company", "plan", "mac", "number", "card_type", "key", "hash", "session_id"} {
		h := &hit.Hit{Kind: hit.Postback, Params: map[string]string{name: "q7-x"}}
		require.Zero(t, Redactor{}.Hit(h), name)
		require.Equal(t, map[string]string{name: "q7-x"}, h.Params)
	}
	h := &hit.Hit{Kind: hit.Postback, Params: map[string]string{"event_token": "q7-x", "token": imported, "password": " "}}
	require.Equal(t, FoundToken|FoundSecret, knows(imported).Hit(h))
	require.Equal(t, map[string]string{"event_token": "q7-x", "token": "[token]", "password": " "}, h.Params)
	require.Equal(t, token.DigestOf(imported), h.TokenDigest)
}

func TestATokenInThePathOfTheRequestIsReplaced(t *testing.T) {
	for path, want := range map[string]string{
		"/postback/secure/legacytoken":               "/postback/secure/[token]",
		"/postback/secure/q7-x/transaction/55":       "/postback/secure/[token]/transaction/55",
		"/secure/q7-x":                               "/secure/[token]",
		"/SECURE/q7-x/":                              "/SECURE/[token]/",
		"/pixel/secure%2Fq7-x":                       "/pixel/secure%2F[token]",
		"/postback/secure_token/q7-x?a":              "/postback/secure_token/[token]?a",
		"/v1/api_key/q7-x":                           "/v1/api_key/[secret]",
		"/postback/token/legacytoken":                "/postback/token/[secret]",
		"/postback;secure=q7-x":                      "/postback;secure=[token]",
		"/postback/secure:q7-x/a":                    "/postback/secure:[token]",
		"/postback/insecure/q7-x":                    "/postback/insecure/q7-x",
		"/postback/01890a5dac96774bbcceb302099a8057": "/postback/01890a5dac96774bbcceb302099a8057",
		"/postback/secure/":                          "/postback/secure/",
	} {
		h := &hit.Hit{Path: path}
		Redactor{}.Hit(h)
		require.Equal(t, want, h.Path)
	}
}
