package link

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

func fillFrom(values map[string]string) func(string, Source) string {
	return func(name string, _ Source) string { return values[name] }
}

func TestEveryMacroOfTheContractIsFilled(t *testing.T) {
	names := KnownMacros(FromDoor)
	require.Equal(t, []string{hit.ParamOffer, hit.ParamPublisher, hit.ParamTransactionID}, names, "a visitor can write any other value")
	for _, name := range KnownMacros(FromLink) {
		require.True(t, hit.KnownParam(name), name)
		names = append(names, name)
	}
	for _, name := range names {
		require.True(t, KnownMacro(name), name)
		got := Fill("https://shop.example/?v={"+name+"}", fillFrom(map[string]string{name: "a value"}))
		require.Equal(t, "https://shop.example/?v=a+value", got)
	}
	for _, name := range []string{hit.ParamSecure, hit.ParamUserEmail, "clickid", "TRANSACTION_ID", ""} {
		require.False(t, KnownMacro(name), name)
	}
}

func TestMacroValuesAreEncodedForTheirPlace(t *testing.T) {
	values := fillFrom(map[string]string{hit.ParamSubID: "a b/c?d&e=f#g%h+é", hit.ParamTransactionID: "abc"})
	for destination, want := range map[string]string{
		"https://s.example/{sub_id}/x":              "https://s.example/a%20b%2Fc%3Fd&e=f%23g%25h+%C3%A9/x",
		"https://s.example/?s={sub_id}":             "https://s.example/?s=a+b%2Fc%3Fd%26e%3Df%23g%25h%2B%C3%A9",
		"https://s.example/?a={sub_id}#{sub_id}":    "https://s.example/?a=a+b%2Fc%3Fd%26e%3Df%23g%25h%2B%C3%A9#a+b%2Fc%3Fd%26e%3Df%23g%25h%2B%C3%A9",
		"https://s.example/?c={transaction_id}&d=":  "https://s.example/?c=abc&d=",
		"https://s.example/?c={TRANSACTION_ID}":     "https://s.example/?c=abc",
		"https://s.example/?c=%7Btransaction_id%7D": "https://s.example/?c=abc",
		"https://s.example/?c=%7btransaction_id}":   "https://s.example/?c=abc",
		"https://s.example/{nothing}?c={nope}":      "https://s.example/?c=",
		"https://s.example/?j={\"a\":1}&b={}":       "https://s.example/?j={\"a\":1}&b={}",
		"https://s.example/":                        "https://s.example/",
		"":                                          "",
	} {
		require.Equal(t, want, Fill(destination, values), destination)
	}
}

func TestAMacrosValueIsNotFilledAgain(t *testing.T) {
	got := Fill("https://s.example/?s={sub_id}", fillFrom(map[string]string{hit.ParamSubID: "{transaction_id}", hit.ParamTransactionID: "abc"}))
	require.Equal(t, "https://s.example/?s=%7Btransaction_id%7D", got)
}

func TestMacrosAreListedOnce(t *testing.T) {
	require.Equal(t, []string{"offer", "transaction_id", "clickid"},
		Macros("https://s.example/{offer}?c={transaction_id}&d=%7BTRANSACTION_ID%7D&e={clickid}&f={}"))
	require.Empty(t, Macros("https://s.example/?c=1"))
}

func TestDestinationsAreNormalized(t *testing.T) {
	for text, want := range map[string]string{
		" https://shop.example/?c={transaction_id} ":     "https://shop.example/?c={transaction_id}",
		"https://shop.example/?c=%7Btransaction_id%7D":   "https://shop.example/?c={transaction_id}",
		"http://shop.example:8080/{offer}/x#{sub_id}":    "http://shop.example:8080/{offer}/x#{sub_id}",
		"HTTPS://shop.example?q=%7B%22a%22%7D":           "HTTPS://shop.example?q=%7B%22a%22%7D",
		"https://shop.example/straße?c={transaction_id}": "https://shop.example/stra%C3%9Fe?c={transaction_id}",
		"http://[2001:db8::1]/?c={transaction_id}":       "http://[2001:db8::1]/?c={transaction_id}",
	} {
		got, err := Normalize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		again, err := Normalize(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
}

func TestDestinationsThatCannotWorkAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "shop.example/?c={transaction_id}", "/path", "//shop.example/", "ftp://shop.example/", "javascript:alert(1)", "https://",
		"https:///path", "https://:80/", "https://{sub_id}/", "https://{sub_id}.shop.example/", "{sub_id}://shop.example/",
		"https://shop.example:{sub_id}/", "https://user:pw@shop.example/", "https://shop.example/a b", "https://shop.example/\r\nX: y",
		"https://shop.example/\x00", "https://shop.example\\@evil.example/", "https://münchen.example/", "https://shop.example/%zz",
		"https://shop.example/" + strings.Repeat("a", MaxBytes), "https://[::1/", "https://%7Bsub_id%7D/",
	} {
		_, err := Normalize(text)
		require.Error(t, err, "%.60q", text)
	}
}

// A visitor chooses the values: whatever they are, the redirect must stay on
// the advertiser's host and each value within its own parameter.
func FuzzFill(f *testing.F) {
	f.Add("https://shop.example/{sub_id}/?a={sub_id_2}&b=%7Btransaction_id%7D#x", "v/../?&#%", "//evil.example")
	f.Add("https://shop.example?{sub_id}={sub_id_2}", "\r\nSet-Cookie: a=b", "{sub_id}")
	f.Fuzz(func(t *testing.T, destination, one, two string) {
		normal, err := Normalize(destination)
		if err != nil {
			return
		}
		before, err := url.Parse(Fill(normal, fillFrom(nil)))
		require.NoError(t, err)
		filled := Fill(normal, fillFrom(map[string]string{hit.ParamSubID: one, hit.ParamSubID2: two, hit.ParamTransactionID: "abc"}))
		after, err := url.Parse(filled)
		require.NoError(t, err, filled)
		require.Equal(t, before.Scheme, after.Scheme)
		require.Equal(t, before.Host, after.Host)
		// As written: url.URL decodes a path that holds an odd character.
		require.Equal(t, strings.Count(normal, "/"), strings.Count(filled, "/"))
		require.Equal(t, strings.Count(before.RawQuery, "&"), strings.Count(after.RawQuery, "&"))
		require.NotContains(t, filled, "\n")
	})
}

func FuzzNormalize(f *testing.F) {
	f.Add("https://shop.example/?c=%7Btransaction_id%7D")
	f.Add("https://shop.example/straße")
	f.Add("https://%7bsub_id%7d.example/")
	f.Fuzz(func(t *testing.T, text string) {
		normal, err := Normalize(text)
		if err != nil {
			return
		}
		require.True(t, isASCII(normal))
		require.Equal(t, Macros(text), Macros(normal))
		again, err := Normalize(normal)
		if len(normal) <= MaxBytes {
			require.NoError(t, err)
			require.Equal(t, normal, again)
		}
	})
}
