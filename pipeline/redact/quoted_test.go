package redact

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// TestASecretInQuotesIsReplacedAsAWhole: blanks, separators, brackets and escaped quotes
// inside the quotes, the list or the object are part of the secret.
func TestASecretInQuotesIsReplacedAsAWhole(t *testing.T) {
	for text, want := range map[string]string{
		`{"password":"correct-q7 horse-q7 battery-q7","a":1}`: `{"password":"[secret]","a":1}`,
		`{"password":"a&b-q7","a":"x y"}`:                     `{"password":"[secret]","a":"x y"}`,
		`{"password":"a#b-q7"}`:                               `{"password":"[secret]"}`,
		`{"password":"a<b-q7>"}`:                              `{"password":"[secret]"}`,
		`{"password":"a \"b-q7\" c-q7","a":1}`:                `{"password":"[secret]","a":1}`,
		`{"password":"\"a-q7\" b-q7","a":1}`:                  `{"password":"\"[secret]","a":1}`,
		`{"password":"a\u0022 b-q7","a":1}`:                   `{"password":"[secret]","a":1}`,
		`{"password":"a-q7\\","a":1}`:                         `{"password":"[secret]","a":1}`,
		`{"password":"","a":1}`:                               `{"password":""[secret]"a":1}`,
		`{"secure":"abc def-q7"}`:                             `{"secure":"[token]"}`,
		`{"secure":["a]","b-q7"],"a":1}`:                      `{"secure":["[token]],"a":1}`,
		`{"secure":["a\"]","b-q7"],"a":1}`:                    `{"secure":["[token]],"a":1}`,
		`{"secure":{"x":"a}","y":"b-q7"},"a":1}`:              `{"secure":{"[token]},"a":1}`,
		`{"secure":"[1] b-q7","a":1}`:                         `{"secure":"[[token]","a":1}`,
		`{'secure':['a]','b-q7'],'a':1}`:                      `{'secure':['[token]],'a':1}`,
		`{"api_key":"abc def-q7`:                              `{"api_key":"[secret]`,
		`password='a b-q7'&a=1`:                               `password='[secret]'&a=1`,
		`password='a'b-q7&a=1`:                                `password='[secret]&a=1`,
		`{\"password\":\"a \\\"b-q7\\\" c-q7\",\"a\":1}`:      `{\"password\":\"[secret]",\"a\":1}`,
		`{"j":"{\"password\":\"a b-q7\"}","a":1}`:             `{"j":"{\"password\":\"[secret]"}","a":1}`,
		`?j=%7B%22password%22%3A%22a+b%26c-q7%22%7D&a=1`:      `?j=%7B%22password%22%3A%22[secret]%22%7D&a=1`,
		`?secure=%22a%22b-q7&a=1`:                             `?secure=%22[token]&a=1`,
		`{&quot;password&quot;:&quot;a b-q7&quot;,`:           `{&quot;password&quot;:&quot;[secret]&quot;,`,
		`{"password":"[secret]","a":1}`:                       `{"password":"[secret]","a":1}`,
		`{"password":"[secret] b-q7","a":1}`:                  `{"password":"[[secret]","a":1}`,
		`<x password="a b-q7" a="1">`:                         `<x password="[secret]" a="1">`,
	} {
		got, _ := Redactor{}.Text(text)
		require.Equal(t, want, got, text)
		require.NotContains(t, got, "q7")
	}
}

// TestTheSecretBehindASchemeIsReplaced: the word after the name of the secret only says
// how to read the next one.
func TestTheSecretBehindASchemeIsReplaced(t *testing.T) {
	for text, want := range map[string]string{
		`Authorization: Bearer abcdef-q7`:                    `Authorization: [secret]`,
		`authorization: basic  abcdef-q7== and more`:         `authorization: [secret] and more`,
		`?Authorization=Bearer+abcdef-q7&a=1`:                `?Authorization=[secret]&a=1`,
		`?Authorization=Bearer%20abcdef-q7&a=1`:              `?Authorization=[secret]&a=1`,
		`{"headers":{"Authorization":"Bearer abcdef-q7"}}`:   `{"headers":{"Authorization":"[secret]"}}`,
		`x-auth: token abcdef-q7`:                            `x-auth: [secret]`,
		`Proxy-Authorization: ApiKey abcdef-q7`:              `Proxy-Authorization: [secret]`,
		`Authorization: Bearer`:                              `Authorization: [secret]`,
		`authorization: approved by the bank`:                `authorization: [secret] by the bank`,
		`secure: abc def`:                                    `secure: [token] def`,
		`Authorization: [secret] by the bank`:                `Authorization: [secret] by the bank`,
		"Authorization: Bearer abcdef-q7\r\nAccept: */*":     "Authorization: [secret]\r\nAccept: */*",
		`Authorization: Bearer "abcdef-q7 x-q7"`:             `Authorization: [secret]"`,
		`Authorization: Token token="abc-q7 d-q7", email=""`: `Authorization: [secret]", email=""`,
		`{"x":"Authorization: Bearer abc-q7","y":"z w"}`:     `{"x":"Authorization: [secret]","y":"z w"}`,
	} {
		if strings.Contains(text, "+") {
			text, want = strings.ReplaceAll(text, "+", " "), strings.ReplaceAll(want, "+", " ")
		}
		got, _ := Redactor{}.Text(text)
		require.Equal(t, want, got, text)
		require.NotContains(t, got, "q7")
	}
	h := &hit.Hit{Kind: hit.Clickless, Params: map[string]string{hit.ParamOrderID: "Authorization: Bearer abcdef-q7"}}
	Redactor{}.Hit(h)
	require.Equal(t, "Authorization: "+hit.SecretDigestMark+sha256Hex("Bearer abcdef-q7")+"]", h.Params[hit.ParamOrderID])
}

// TestSecretsInQuotesAreFoundHoweverDeeplyTheTextIsEncoded: the quotes that bound the value
// are encoded as deeply as the sign before it.
func TestSecretsInQuotesAreFoundHoweverDeeplyTheTextIsEncoded(t *testing.T) {
	text := `{"x":{"password":"a b & c-q7","a":1}}`
	for range 4 {
		got, found := Redactor{}.Text(text)
		require.Equal(t, FoundSecret, found)
		require.NotContains(t, got, "q7", text)
		text = url.QueryEscape(text)
	}
}
