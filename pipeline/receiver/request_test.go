package receiver

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

func emptyRequest() *request {
	return &request{values: map[string]string{}, limits: Options{MaxParams: 200, MaxValueBytes: hit.DefaultMaxValueBytes}}
}

func TestPairsAreSplitAtAmpersandsOnly(t *testing.T) {
	in := emptyRequest()
	in.addPairs("a=1;b=2&&c&=d&e=f=g&h=%26%3D+%2B&", theQuery)
	require.Equal(t, problem{}, in.form())
	require.Equal(t, map[string]string{"a": "1;b=2", "c": "", "": "d", "e": "f=g", "h": "&= +"}, in.values)
}

func TestOnlyParametersOfTheContractAreTrimmed(t *testing.T) {
	in := emptyRequest()
	in.addPairs("sub_id=+a+&other=+a+", theQuery)
	require.Equal(t, map[string]string{"sub_id": "a", "other": " a "}, in.values)
}

func TestTheFirstProblemIsToldInTheOrderThatASenderMendsThem(t *testing.T) {
	for query, want := range map[string]problem{
		"":                                      {refusal: hit.MissingToken},
		"a=1&a=2":                               {refusal: hit.MissingToken},
		"a=%zz":                                 {hit.MalformedRequest, theQuery},
		"secure=t&a=%00&a=%00":                  {hit.RepeatedParameter, unnamedParameter},
		"secure=t&offer=%00" + "&a=" + longText: {hit.InvalidText, "offer"},
		"secure=t&a=" + longText:                {hit.ValueTooLong, unnamedParameter},
		"secure=t":                              {},
	} {
		in := emptyRequest()
		in.addPairs(query, theQuery)
		require.Equal(t, want, in.formWithToken(), "%.40s", query)
	}
}

var longText = strings.Repeat("x", 5000)

// The standard library reads the same, but for what we read otherwise on
// purpose: semicolons, repeats, the secure token and white space.
func FuzzPairs(f *testing.F) {
	for _, raw := range []string{"a=1&b=%20+&c", "a=1;b=2", "secure=x&SECURE=y", "%zz=%zz", "a=%00&\xff=1", "transaction_id=+1+&transaction_id=2"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		in := emptyRequest()
		in.addPairs(raw, theQuery)
		if strings.Contains(raw, ";") {
			return
		}
		want, err := url.ParseQuery(raw)
		require.Equal(t, err != nil || in.count > in.limits.MaxParams, in.malformed.refusal != "")
		if in.malformed.refusal != "" {
			return
		}
		for name, values := range want {
			if len(values) > 1 {
				require.Equal(t, hit.RepeatedParameter, in.repeated.refusal)
			}
			if hit.IsSecureParam(name) {
				require.True(t, in.tokenNamed)
				require.NotContains(t, in.values, name)
				continue
			}
			value := values[0]
			if hit.KnownParam(name) {
				value = strings.TrimSpace(value)
			}
			require.Equal(t, value, in.values[name])
			if !validText(name) || !validText(values[0]) {
				require.Equal(t, hit.InvalidText, in.badText.refusal)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		`{"a":1,"b":"x","c":null,"d":[1,{"e":2}],"f":true}`, `{"a":1,"a":2}`, `{"offer":{}}`, `{} {}`, `[]`, `{"a":"\ud800\u0000"}`, "\xef\xbb\xbf{}",
		"{\"a\":\"\xff\"}", `{"a":1e5,}`, `{"secure":"x","SECURE":"y"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in := emptyRequest()
		in.addJSON(body)
		var want map[string]json.RawMessage
		err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &want)
		if err != nil || want == nil {
			require.Equal(t, hit.MalformedRequest, in.malformed.refusal)
			return
		}
		if in.malformed.refusal != "" {
			require.Contains(t, []string{theJSONValue, tooManyParams}, in.malformed.subject, "valid JSON is refused for its values only")
			return
		}
		repeated := in.repeated.refusal != ""
		for name, raw := range want {
			if hit.IsSecureParam(name) {
				require.NotContains(t, in.values, name)
				continue
			}
			value, kept := in.values[name]
			require.True(t, kept)
			var text string
			if !repeated && !hit.KnownParam(name) && json.Unmarshal(raw, &text) == nil && raw[0] == '"' {
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
		in.addMultipart(body, boundary)
		if in.malformed.refusal != "" {
			return
		}
		// What is not refused, the standard library reads as a form too.
		form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(1 << 20)
		require.NoError(t, err)
		for name, values := range form.Value {
			if !hit.KnownParam(name) && !hit.IsSecureParam(name) {
				require.Equal(t, values[0], in.values[name])
			}
		}
	})
}
