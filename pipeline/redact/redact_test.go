package redact

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

const (
	imported = "Legacy-Token/42+x=="
	joe      = "joe@example.com"
	joeMark  = "[email sha256:" + joeHash + "]"
)

func knows(tokens ...string) Redactor {
	digests := map[token.Digest]bool{}
	for _, secure := range tokens {
		digests[token.DigestOf(secure)] = true
	}
	return Redactor{IsToken: func(text string) bool { return digests[token.DigestOf(text)] }}
}

func generated(t testing.TB) string {
	t.Helper()
	keys, err := token.ParseKeys("service-secret-of-the-tests")
	require.NoError(t, err)
	return keys.Token(1, 0, 1)
}

func TestAddressesAreReplacedByTheirHash(t *testing.T) {
	for text, want := range map[string]string{
		"joe@example.com":                          joeMark,
		"Joe@Example.COM":                          joeMark,
		"mailto:joe@example.com":                   "mailto:" + joeMark,
		"<joe@example.com>":                        "<" + joeMark + ">",
		"'joe@example.com'":                        "'" + joeMark + "'",
		"joe@example.com.":                         joeMark + ".",
		"joe@example.com, joe@example.com":         joeMark + ", " + joeMark,
		"a=1&email=joe@example.com&b=2":            "a=1&email=" + joeMark + "&b=2",
		"joe%40example.com":                        joeMark,
		"joe%2540example.com":                      joeMark,
		"joe%252540example%25252Ecom":              joeMark,
		"%6a%6F%65%40example.com":                  joeMark,
		"https://p.example/?e=joe%40example.com#x": "https://p.example/?e=" + joeMark + "#x",
		"?u=https%3A%2F%2Fq.example%2F%3Fe%3Djoe%2540example.com%26a%3D1": "?u=https%3A%2F%2Fq.example%2F%3Fe%3D" + joeMark + "%26a%3D1",
		`{"mail":"joe@example.com"}`:                                      `{"mail":"` + joeMark + `"}`,
		`{"mail":"joe\u0040example.com"}`:                                 `{"mail":"` + joeMark + `"}`,
		`{"mail":"joe\\u0040example.com"}`:                                `{"mail":"` + joeMark + `"}`,
		`{\"mail\":\"joe@example.com\"}`:                                  `{\"mail\":\"[email sha256:`,
		"joe@[192.0.2.1]":                                                 "[email sha256:",
		`"joe smith"@example.com`:                                         "[email sha256:",
		"jörg@bücher.example":                                             "[email sha256:",
		"o'brien+shop@mail.example.co.uk":                                 "[email sha256:",
		"https://joe:pw@host.example/":                                    "https://joe:[email sha256:",
		"joe@gmail..com":                                                  "[email sha256:",
		"joe&#64;example.com":                                             joeMark,
		"joe&#x40;example&#46;com":                                        joeMark,
		"joe&#64example.com":                                              "[email sha256:",
		"joe&commat;example&period;com":                                   joeMark,
		"joe&amp;#64;example.com":                                         joeMark,
		"joe%26%2364%3Bexample.com":                                       joeMark,
		"joe%26%2364example%2Ecom":                                        "[email sha256:",
		"&#106;&#111;&#101;&#64;&#101;xample.com":                         joeMark,
		"&#106&#111&#101&#64&#101xample.com":                              "[email sha256:",
		"joe\uFF20example.com":                                            joeMark,
		"joe%EF%BC%A0example\uFF0Ecom":                                    joeMark,
		"joe\uFE6Bexample\u3002com":                                       joeMark,
		"joe&#65312;example.com":                                          joeMark,
		"joe&#xFF20;example.com":                                          joeMark,
		`{"mail":"joe\uff20example.com"}`:                                 `{"mail":"` + joeMark + `"}`,
		`joe\x40example.com`:                                              joeMark,
		`joe\u{40}example.com`:                                            joeMark,
		"joe%u0040example.com":                                            joeMark,
		"jo\u200Be@exam\u00ADple.com":                                     joeMark,
		"joe@localhost":                                                   "[email sha256:",
		"joe@LOCALHOST:25":                                                "[email sha256:",
		"joe@192.0.2.1":                                                   "[email sha256:",
		"joe@192.0.2.1.":                                                  "[email sha256:",
		"joe@::1":                                                         "[email sha256:",
		"joe@[IPv6:2001:db8::1]":                                          "[email sha256:",
		`"joe@work"@example.com`:                                          "[email sha256:",
		`{"a":"\"joe@work\"@example.com"}`:                                "[email sha256:",
		`"joe, (x)"@example.com`:                                          "[email sha256:",
		"joe@\u4f8b\u3048.\u30c6\u30b9\u30c8":                             "[email sha256:",
		"joe+tag@example.com":                                             "[email sha256:",
		"joe=40example.com":                                               joeMark,
		"to: <Joe=40Example.com>":                                         "to: <" + joeMark + ">",
		"?a=1&to=joe=40example.com&b=2":                                   "?a=1&to=" + joeMark + "&b=2",
		`{"mail":"joe\\\\u0040example.com"}`:                              `{"mail":"` + joeMark + `"}`,
		`j\\\\u006fe\\u0040ex\u0061mple.com`:                              joeMark,
		"joe%2Btag%2540example.com":                                       "[email sha256:",
		"jo\xffe@example.com":                                             "[email sha256:",
	} {
		got, found := Redactor{}.Text(text)
		require.Equal(t, FoundEmail, found, text)
		if strings.HasSuffix(want, ":") {
			require.Contains(t, got, want)
		} else {
			require.Equal(t, want, got, text)
		}
		require.NotContains(t, got, "joe@")
		require.NotContains(t, got, "@example")
	}
}

func TestWhatIsNeitherTokenNorAddressStaysAsSent(t *testing.T) {
	redactor := knows(imported)
	for _, text := range []string{
		"", "a", "@", "@handle", "joe@", "1@2", "a@b", "joe@1.2.3", "joe@1.2.3.400", "a @ b.c", "https://cdn.example/jquery@3.6.0/x.js", "100%", "50%2", "%zz",
		"@media.print", "i8t_", "i8t_abc", "xi8t_", "secure", "secure=", "secure: ", "insecure=1", "is_secure=1", "a=secure&b=2", "secured=1", "secure_cookie=1",
		"order_token=abc", "cart-token: abc", "checkoutToken=abc", "x[cart_token]=abc", "author=abc", "keyword=abc", "compass=1", "monkey=1", "tokens=3", "hash=abc", "sig=abc",
		"https://shop.example/secure/checkout", "/auth/login", "/my-token-shop/a1b2c3", "token/", "50 @ 3.99",
		"size=40.5cm", "a=40", "a=40&b", "price=4", "=40example.com", "i8t", "x_i8t", "secure & fast; or not", "a&#b;", "größe=42",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
		"https://page.example/path?utm_source=a&utm_campaign=b%20c", "\u2028", "01890a5dac96774bbcceb302099a8057", "Legacy-Token", `C:\u0041`,
	} {
		got, found := redactor.Text(text)
		require.Equal(t, text, got)
		require.Zero(t, found, text)
	}
}

// An address that was broken in two, or written twice, is the same address; and what
// only looks like one may become a hash as well.
func TestAnAddressLikeTextIsReplacedGenerously(t *testing.T) {
	for text, want := range map[string]string{
		"joe\n@example.com":           joeMark,
		"joe%0a@example.com":          joeMark,
		"joe@@example.com":            joeMark,
		"joe@%40@example.com":         joeMark,
		"joe%0d%0a@example.com":       joeMark,
		"joe @example.com":            joeMark,
		"joe@ example.com":            joeMark,
		"joe@%09example.com":          joeMark,
		"joe @ example.com":           joeMark,
		"joe@+example.com":            joeMark,
		"joe &commat; example.com":    joeMark,
		"joe%250a%2540example.com":    joeMark,
		"joe@example":                 emailMarkOf("joe@example"),
		"JOE@Example,":                emailMarkOf("joe@example") + ",",
		"joe@@example":                emailMarkOf("joe@example"),
		"joe%2540media":               emailMarkOf("joe@media"),
		"to=joe@intranet&a=1":         "to=" + emailMarkOf("joe@intranet") + "&a=1",
		"joe@b\u00fccher":             emailMarkOf("joe@b\u00fccher"),
		"joe@work@example.com":        emailMarkOf("joe@work@example.com"),
		"joe@example.com@example.com": emailMarkOf("joe@example.com@example.com"),
	} {
		got, found := Redactor{}.Text(text)
		require.Equal(t, want, got, text)
		require.Equal(t, FoundEmail, found, text)
	}
}

func emailMarkOf(address string) string { return hit.EmailMark + sha256Hex(address) + "]" }

func TestGeneratedTokensAreReplacedWhereverTheyStand(t *testing.T) {
	token := generated(t)
	for text, want := range map[string]string{
		token:                                    "[token]",
		strings.ToUpper(token):                   "[token]",
		"x" + token + "y":                        "x[token]y",
		token + "0":                              "[token]",
		token[:len(token)-3]:                     "[token]",
		"/path/" + token + "/x":                  "/path/[token]/x",
		"https://p.example/?t=" + token + "&a=1": "https://p.example/?t=[token]&a=1",
		"i8t%5F" + token[4:]:                     "[token]",
		"%69%38%74%5f" + token[4:]:               "[token]",
		"i8t%255F" + token[4:]:                   "[token]",
		`{"t":"i8t\u005f` + token[4:] + `"}`:     `{"t":"[token]"}`,
		token + token:                            "[token][token]",
		token + "@example.com":                   "[token]@example.com",
	} {
		got, found := Redactor{}.Text(text)
		require.Equal(t, want, got, text)
		require.Equal(t, FoundToken, found)
	}
}

func TestWhatIsAssignedToSecureIsReplaced(t *testing.T) {
	for text, want := range map[string]string{
		"https://p.example/?secure=abc":                          "https://p.example/?secure=[token]",
		"https://p.example/?a=1&SECURE=abc&b=2":                  "https://p.example/?a=1&SECURE=[token]&b=2",
		"https://p.example/?secure=a%26b%23c&d=1#e":              "https://p.example/?secure=[token]&d=1#e",
		"https://p.example/?secure=a%20b":                        "https://p.example/?secure=[token]",
		"https://p.example/?%73ecure=abc":                        "https://p.example/?%73ecure=[token]",
		"https://p.example/?secure[]=abc":                        "https://p.example/?secure[]=[token]",
		"?u=https%3A%2F%2Fq%2F%3Fsecure%3Dabc%2526d%26a%3D1&b=2": "?u=https%3A%2F%2Fq%2F%3Fsecure%3D[token]%26a%3D1&b=2",
		`{"secure":"abc","a":1}`:                                 `{"secure":"[token]","a":1}`,
		`{"secure" : ["abc"]}`:                                   `{"secure" : ["[token]]}`,
		`{"secure" : ["abc", "def"], "a":1}`:                     `{"secure" : ["[token]], "a":1}`,
		`{"secure":{"value":"abc"},"a":1}`:                       `{"secure":{"[token]},"a":1}`,
		`{"secure":[123, 456]}`:                                  `{"secure":[[token]]}`,
		"?a=1&amp;secure=abc&b=2":                                "?a=1&amp;secure=[token]&b=2",
		"?x[secure]=abc":                                         "?x[secure]=[token]",
		"?\uFEFFsecure=abc":                                      "?\uFEFFsecure=[token]",
		"?%EF%BB%BFsecure=abc":                                   "?%EF%BB%BFsecure=[token]",
		"?sec\u200Bure=abc":                                      "?sec\u200Bure=[token]",
		"?secure&#61;abc":                                        "?secure&#61;[token]",
		"?secure&equals;abc":                                     "?secure&equals;[token]",
		"\uFF53ecure\uFF1Dabc":                                   "\uFF53ecure\uFF1D[token]",
		`{"\u0073ecure":"abc"}`:                                  `{"\u0073ecure":"[token]"}`,
		"secure=\u200Ba%26b":                                     "secure=[token]",
		`{\"secure\":\"abc\"}`:                                   `{\"secure\":\"[token]"}`,
		"secure: abc def":                                        "secure: [token] def",
		"?a=1&secure_token=abc&b=2":                              "?a=1&secure_token=[token]&b=2",
		"?_secure=abc":                                           "?_secure=[token]",
		"https://p.example/?x-secure=abc":                        "https://p.example/?x-secure=[token]",
		"name-of-a-shop-or-campaign-Secure: abc":                 "name-of-a-shop-or-campaign-Secure: [token]",
		"?__secure__=abc":                                        "?__secure__=[token]",
		"?Secure-Token=abc#e":                                    "?Secure-Token=[token]#e",
		`{"secureToken":"abc"}`:                                  `{"secureToken":"[token]"}`,
		"?x[secure_key]=abc":                                     "?x[secure_key]=[token]",
		"?secure%5Ftoken=abc":                                    "?secure%5Ftoken=[token]",
		"security_token: abc":                                    "security_token: [token]",
		`{"a":"{\\\"sec\\\\u0075re\\\":\\\"abc\\\"}"}`:           `{"a":"{\\\"sec\\\\u0075re\\\":\\\"[token]"}"}`,
		"secure=joe@example.com":                                 "secure=[token]",
		"https://p.example/?secure=[token]real":                  "https://p.example/?secure=[[token]",
	} {
		got, found := Redactor{}.Text(text)
		require.Equal(t, want, got)
		require.Equal(t, FoundToken, found)
	}
}

func TestImportedTokensAreReplacedByTheirDigest(t *testing.T) {
	redactor := knows(imported, "sixish", "plain-imported-token")
	for text, want := range map[string]string{
		imported:                  "[token]",
		" " + imported + "\n":     "[token]",
		"sixish":                  "[token]",
		url.QueryEscape(imported): "[token]",
		url.QueryEscape(url.QueryEscape(imported)):          "[token]",
		"https://p.example/?t=plain-imported-token&a=1":     "https://p.example/?t=[token]&a=1",
		"https://p.example/plain-imported-token/x":          "https://p.example/[token]/x",
		"https://p.example/?t=" + url.QueryEscape(imported): "https://p.example/?t=[token]",
		`{"t":["plain-imported-token"]}`:                    `{"t":["[token]"]}`,
		"my token is plain-imported-token, thanks":          "my token is [token], thanks",
		"Bearer:plain-imported-token":                       "Bearer:[token]",
	} {
		got, found := redactor.Text(text)
		require.Equal(t, want, got, text)
		require.Equal(t, FoundToken, found, text)
	}
}

func TestHitLeavesTheDoorWithoutSecrets(t *testing.T) {
	secure := generated(t)
	h := &hit.Hit{
		Kind: hit.Postback, Method: "GET", Path: "/",
		Host:      "joe@example.com.track.example",
		UserAgent: "agent " + joe + " " + secure + strings.Repeat("x", 5000),
		Referer:   "https://p.example/?secure=abc&e=joe%40example.com",
		Params: map[string]string{
			"Secure": secure, "e-mail": joe, joe: "1", secure: "2", "t": imported, hit.ParamUserEmail: " " + strings.ToUpper(joe),
			hit.ParamTransactionID: "abc", "bad\xff\x00": "bad\xff\x00", "long": strings.Repeat("ä", 5000),
			"secure_token": "d", "_secure": "e", "x-secure": "f",
		},
		Destination: "https://shop.example/?s=" + url.QueryEscape(joe),
	}
	found := knows(imported).Hit(h)
	require.Equal(t, FoundEmail|FoundToken, found)
	require.Equal(t, token.DigestOf(secure), h.TokenDigest)
	require.Equal(t, map[string]string{
		"e-mail": joeMark, joeMark: "1", "[token]": "2", "t": "[token]", hit.ParamUserEmail: joeHash, hit.ParamTransactionID: "abc",
		"bad\uFFFD\uFFFD": "bad\uFFFD\uFFFD", "long": strings.Repeat("ä", DefaultMaxValueBytes/2),
		"secure_token": "[token]", "_secure": "[token]", "x-secure": "[token]",
	}, h.Params)
	require.Equal(t, "https://p.example/?secure=[token]&e="+joeMark, h.Referer)
	require.Equal(t, "https://shop.example/?s="+joeMark, h.Destination)
	require.True(t, strings.HasPrefix(h.UserAgent, "agent "+joeMark+" [token]xxx"), h.UserAgent)
	require.Len(t, h.UserAgent, 1024)
}

func TestEveryCopyOfTheSecureParameterIsRemoved(t *testing.T) {
	h := &hit.Hit{Params: map[string]string{"secure": "a", "SECURE": "b", " secure ": "c", "secure[]": "d", "%73ecure": "e", "a": "1"}}
	require.Equal(t, FoundToken, Redactor{}.Hit(h))
	require.Equal(t, map[string]string{"a": "1"}, h.Params)

	h = &hit.Hit{Params: map[string]string{"secure": " "}}
	require.Zero(t, Redactor{}.Hit(h))
	require.True(t, h.TokenDigest.IsZero())
}

func TestUserEmailThatIsNoneIsNotKept(t *testing.T) {
	for value, want := range map[string]string{
		"":                       "",
		"joe at example dot com": notAnEmail,
		"joe@localhost":          sha256Hex("joe@localhost"),
		strings.ToUpper(joeHash): joeHash,
		imported:                 "[token]",
	} {
		h := &hit.Hit{Params: map[string]string{hit.ParamUserEmail: value}}
		knows(imported).Hit(h)
		require.Equal(t, want, h.Params[hit.ParamUserEmail], value)
	}
}

// The fast path passes over no text in which the search finds a secret.
func FuzzOrdinaryText(f *testing.F) {
	for _, text := range []string{
		"secure=a", "x secure:a", "i8t_0123456789", "a=40b.cc", "&#64;", "&commat;", "a@b.cc", "secure_token=a", "Mozilla/5.0 (X11; Linux)", "?a=1&b=2", "secure[0]=a",
		"secure\"=a", "SECURE-KEY:a", "a_secure=b", "-secure=b", "&;", ";&", "#&", "&#", "\x7f", "secure]=a",
		"x-secure=a", "?a=1&my-Secure:b", "a-long-name-of-some-header-secure=a",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !isOrdinary(text) {
			return
		}
		require.Equal(t, text, hit.Clean(text))
		v := decodeView(text)
		require.Equal(t, text, v.text)
		require.Empty(t, v.secrets(), "%q", text)
	})
}

// Nothing that was put in comes out, however deeply it is encoded and
// whatever stands around it.
func FuzzRedact(f *testing.F) {
	f.Add("before ", " after", uint8(0), "param")
	f.Add("https://p.example/?a=1&secure=", "&b=2", uint8(1), "referer")
	f.Add(`{"a":"\u00`, `"}`, uint8(2), "e")
	f.Add("%", "%40", uint8(3), "%2")
	f.Add("@@", "i8t_", uint8(7), "secure")
	secrets := []string{generated(f), "Joe.Smith+tag@shop.example.com", "imported-token-of-any-shape"}
	redactor := knows(secrets[2])
	f.Fuzz(func(t *testing.T, before, after string, encoding uint8, name string) {
		for i, secret := range secrets {
			encoded := secret
			for range encoding % 4 {
				encoded = url.QueryEscape(encoded)
			}
			text := before + encoded + after
			if i == 2 {
				text = before + "?t=" + encoded + "&" + after
			}
			h := &hit.Hit{
				ID: uuid.New(), Kind: hit.Postback, Host: text, Path: text, UserAgent: text, Referer: text, Destination: text,
				Params: map[string]string{name: text, text: name, hit.ParamUserEmail: text, "json": mustJSON(t, text)},
			}
			redactor.Hit(h)
			encodedHit, err := h.Encode()
			require.NoError(t, err)
			for _, out := range []string{h.Host, h.Path, h.UserAgent, h.Referer, h.Destination, h.Params["json"], string(encodedHit)} {
				require.True(t, utf8.ValidString(out))
				require.NotContains(t, out, "\x00")
				if i == 2 && strings.Contains(decodeView(before+after).text, secret) {
					continue // it was in the surroundings already, in no form that can be told
				}
				require.NotContains(t, strings.ToLower(out), strings.ToLower(secret))
			}
		}
	})
}

func mustJSON(t *testing.T, text string) string {
	data, err := json.Marshal(map[string]string{"nested": text})
	require.NoError(t, err)
	return string(data)
}
