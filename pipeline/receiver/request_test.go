package receiver

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
)

func emptyRequest() *request {
	return &request{kind: hit.Postback, values: map[string]string{}, limits: Options{MaxParams: 200, MaxValueBytes: redact.DefaultMaxValueBytes}}
}

func TestPairsAreSplitAtAmpersandsOnly(t *testing.T) {
	t.Parallel()
	in := emptyRequest()
	in.addPairs("a=1;b=2&&c&=d&e=f=g&h=%26%3D+%2B&")
	require.Equal(t, problem{}, in.form())
	require.Equal(t, map[string]string{"a": "1;b=2", "c": "", "": "d", "e": "f=g", "h": "&= +"}, in.values)
}

func TestOnlyParametersOfTheContractAreTrimmed(t *testing.T) {
	t.Parallel()
	in := emptyRequest()
	in.addPairs("sub_id=+a+&other=+a+")
	require.Equal(t, map[string]string{"sub_id": "a", "other": " a "}, in.values)
}

func TestTheFirstProblemIsToldInTheOrderThatASenderMendsThem(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]problem{
		"":                                  {refusal: outcome.MissingToken},
		"order_id=1&order_id=2":             {refusal: outcome.MissingToken},
		"order_id=%zz":                      {outcome.MalformedRequest, "order_id", ""},
		"secure=t&order_id=1%00&order_id=2": {outcome.RepeatedParameter, "order_id", ""},
		"secure=t&transaction_id=%00&order_id=" + longText: {outcome.InvalidText, "transaction_id", ""},
		"secure=t&order_id=" + longText:                    {outcome.ValueTooLong, "order_id", ""},
		"secure=t":                                         {},
	} {
		in := emptyRequest()
		in.addPairs(query)
		require.Equal(t, want, in.formWithToken(), "%.40s", query)
	}
}

var longText = strings.Repeat("x", 5000)

// The standard library reads the same, except where we differ on
// purpose: semicolons, repeats, broken encoding, the secure token, the names and
// tails of ids, and white space.
func FuzzPairs(f *testing.F) {
	for _, raw := range []string{
		"a=1&b=%20+&c", "a=1;b=2", "secure=x&SECURE=y", "%zz=%zz", "a=%00&\xff=1", "transaction_id=+1+&transaction_id=2",
		"50%-off=50%-off", "a=%E9+%&a=%%%41", "transaction_id=1?a=2?transaction_id=3", "amp;order_id=1&?order_id=1",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		in := emptyRequest()
		in.addPairs(raw)
		for name, value := range in.values {
			require.False(t, redact.IsSecureParam(name))
			if !hit.Postback.Identifies(name) {
				require.True(t, validText(value))
			}
		}
		want, err := url.ParseQuery(raw)
		if err != nil || in.count > in.limits.MaxParams || strings.ContainsAny(raw, "?#") || strings.Contains(raw, "%2") || strings.Contains(raw, "%3") {
			return
		}
		for name, values := range want {
			if redact.IsSecureParam(name) {
				if slices.ContainsFunc(values, func(value string) bool { return hit.Trim(value) != "" }) {
					require.NotEmpty(t, in.token+in.elsewhere)
				}
				continue
			}
			if hit.KnownParam(name) || hit.QualifierOf(name) != hit.NoQualifier || in.mendName(name) != name || hit.KeepsEveryValue(name) || values[0] == "" {
				continue
			}
			require.Equal(t, hit.Clean(values[0]), in.values[name])
		}
	})
}

// What the standard library cannot decode stays unchanged, and the rest is decoded.
func FuzzUnescape(f *testing.F) {
	for _, text := range []string{"50%-off", "a+b", "%", "%4", "%41%zz%42", "100%25", "%E9"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, broken := unescape(text)
		want, err := url.QueryUnescape(text)
		require.Equal(t, err != nil, broken)
		if !broken {
			require.Equal(t, want, got)
			return
		}
		require.Contains(t, got, "%")
		require.LessOrEqual(t, len(got), len(text))
	})
}

func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		`{"a":1,"b":"x","c":null,"d":[1,{"e":2}],"f":true}`, `{"a":1,"a":2}`, `{"offer":{}}`, `{} {}`, `[]`, `{"a":"\ud800\u0000"}`, "{}",
		"{\"a\":\"\xff\"}", `{"a":1e5,}`, `{"secure":"x","SECURE":"y"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in := emptyRequest()
		readable := in.addJSON(body)
		var want map[string]json.RawMessage
		err := json.Unmarshal(body, &want)
		require.Equal(t, err == nil && want != nil, readable)
		if !readable || in.mended != nil || in.form() != (problem{}) {
			return
		}
		for name, raw := range want {
			if redact.IsSecureParam(name) || hit.KnownParam(in.mendName(name)) {
				continue
			}
			value, kept := in.values[name]
			require.True(t, kept)
			var text string
			if json.Unmarshal(raw, &text) == nil && raw[0] == '"' && text != "" {
				require.Equal(t, text, value)
			}
		}
	})
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n"), "b")
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41=00\r\n--b--\r\n"), "b")
	f.Add([]byte("--b\r\n\r\n1\r\n--b"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		in := emptyRequest()
		if !in.addMultipart(body, boundary) || boundary == "" || in.mended != nil {
			return
		}
		// When the body is not refused, the standard library reads it as a form too.
		form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(1 << 20)
		require.NoError(t, err)
		for name, values := range form.Value {
			if !hit.KnownParam(in.mendName(name)) && !redact.IsSecureParam(name) && values[0] != "" {
				require.Equal(t, values[0], in.values[name])
			}
		}
	})
}
