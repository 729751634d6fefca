package hit

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEncodeWritesEveryFieldAsPackageJSONDoes fails where a field of Hit was
// forgotten in Encode.
func TestEncodeWritesEveryFieldAsPackageJSONDoes(t *testing.T) {
	h := wholeHit(keys(t, secretA))
	h.Destination, h.TokenLeaked = "https://shop.example/landing", true
	whole := reflect.ValueOf(h).Elem()
	for i := range whole.NumField() {
		require.False(t, whole.Field(i).IsZero(), "the test needs a hit with %s", whole.Type().Field(i).Name)
	}
	for i := -1; i < whole.NumField(); i++ {
		partial := *h
		if i >= 0 {
			reflect.ValueOf(&partial).Elem().Field(i).SetZero()
		}
		want, err := json.Marshal(&partial)
		require.NoError(t, err)
		got, err := partial.Encode()
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))
	}
	empty := Hit{Params: map[string]string{}}
	want, err := json.Marshal(&empty)
	require.NoError(t, err)
	got, err := empty.Encode()
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
}

func TestEncodeRefusesATimeThatJSONCannotHold(t *testing.T) {
	h := wholeHit(keys(t, secretA))
	h.ReceivedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := h.Encode()
	require.ErrorContains(t, err, "received_at")
}

// FuzzEncode: whatever a text holds, what is read back is what was written,
// and encoding/json reads the same.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{"", "plain", `"\\/`, "\n\t\r\b\f\x01\x1f\x7f", "<a&b>", "\u2028\u2029", "snow \u2603 \U0001F600", "\ufffd", "\xff\xc3("} {
		f.Add(text, "name")
		f.Add("value", text)
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		text, name = Clean(text), Clean(name)
		h := wholeHit(keys(t, secretA))
		h.Kind = Postback
		h.Method, h.Host, h.Path, h.Destination, h.UserAgent, h.Referer = text, text, text, text, text, text
		h.ClientIP, h.Refusal = text, Refusal(text)
		h.Params = map[string]string{name: text, text: name, "order_id": "A-1"}
		data, err := h.Encode()
		require.NoError(t, err)

		back, err := Decode(data)
		require.NoError(t, err)
		require.Equal(t, h, back)

		var other Hit
		require.NoError(t, json.Unmarshal(data, &other))
		require.Equal(t, h, &other)
	})
}
