package hit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// keys returns the keys of the tests.
func keys(t testing.TB) token.Keys {
	t.Helper()
	parsed, err := token.ParseKeys("service-secret-of-the-tests")
	require.NoError(t, err)
	return parsed
}

func wholeHit(k token.Keys) *Hit {
	at := time.Date(2026, 3, 4, 5, 6, 7, 891000000, time.UTC)
	return &Hit{
		ID:            uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"),
		Kind:          Pixel,
		ReceivedAt:    at,
		Method:        "GET",
		Host:          "track.example",
		Path:          "/pixel",
		Params:        map[string]string{ParamTransactionID: "abc", "größe": "<&>\u2028"},
		TokenDigest:   token.DigestOf("token"),
		TransactionID: k.Mint(at),
		AccountID:     1,
		OfferID:       2,
		PublisherID:   3,
		Destination:   "https://shop.example/?c=1&d=2",
		ClientIP:      "2001:db8::1",
		UserAgent:     "Mozilla/5.0",
		Referer:       "https://page.example/",
		Refusal:       outcome.InvalidAmount,
		TokenLeaked:   true,
		Notes:         []string{"sub_id was cut", "2 parameters were dropped"},
		Surplus:       true,
		Incarnation:   4,
		Number:        5,
		TestAccount:   6,
	}
}

func TestHitIsDecodedAsItWasEncoded(t *testing.T) {
	h := wholeHit(keys(t))
	data, err := h.Encode()
	require.NoError(t, err)
	got, err := Decode(data)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(h, got))
}

func TestDecodePassesOverFieldsOfANewerSender(t *testing.T) {
	got, err := Decode([]byte(`{"id":"01890a5d-ac96-774b-bcce-b302099a8057","kind":"click","colour":"red"}`))
	require.NoError(t, err)
	require.Equal(t, Click, got.Kind)
}

func TestDecodeRefusesWhatIsNoHit(t *testing.T) {
	const id = `"id":"01890a5d-ac96-774b-bcce-b302099a8057"`
	for name, data := range map[string]string{
		"nothing":            ``,
		"text":               `private-word`,
		"another type":       `["private-word"]`,
		"null":               `null`,
		"no id":              `{"kind":"click"}`,
		"nil id":             `{"id":"00000000-0000-0000-0000-000000000000","kind":"click"}`,
		"bad id":             `{"id":"private-word","kind":"click"}`,
		"no kind":            `{` + id + `}`,
		"unknown kind":       `{` + id + `,"kind":"private-word"}`,
		"bad transaction id": `{` + id + `,"kind":"click","transaction_id":"private-word"}`,
		"bad digest":         `{` + id + `,"kind":"click","token_digest":"private-word"}`,
		"bad time":           `{` + id + `,"kind":"click","received_at":"private-word"}`,
		"bad number":         `{` + id + `,"kind":"click","offer_id":"private-word"}`,
		"negative account":   `{` + id + `,"kind":"click","account_id":-1}`,
		"negative offer":     `{` + id + `,"kind":"click","offer_id":-1}`,
		"negative publisher": `{` + id + `,"kind":"click","publisher_id":-1}`,
		"NUL in a value":     `{` + id + `,"kind":"click","params":{"a":"private-word\u0000"}}`,
		"NUL in a name":      `{` + id + `,"kind":"click","params":{"private-word\u0000":"a"}}`,
		"NUL in a note":      `{` + id + `,"kind":"click","notes":["private-word\u0000"]}`,
		"NUL in the referer": `{` + id + `,"kind":"click","referer":"private-word\u0000"}`,
		"not UTF-8":          `{` + id + `,"kind":"click","referer":"private-word` + "\xff" + `"}`,
		"half a character":   `{` + id + `,"kind":"click","referer":"private-word\ud800"}`,
		"a field twice":      `{` + id + `,"kind":"click","referer":"private-word","referer":"other"}`,
		"two hits":           `{` + id + `,"kind":"click"}{` + id + `,"kind":"click"}`,
		"cut off":            `{` + id + `,"kind":"click"`,
		"too large":          `{` + id + `,"kind":"click","referer":"` + strings.Repeat("a", MaxEncodedBytes) + `"}`,
	} {
		got, err := Decode([]byte(data))
		require.Error(t, err, name)
		require.Nil(t, got, name)
		require.NotContains(t, err.Error(), "private-word", name)
		require.Less(t, len(err.Error()), 200, name)
	}
}

func TestKindsTravelTheirQueue(t *testing.T) {
	require.Equal(t, TopicClicks, Click.Topic())
	for _, kind := range []Kind{Postback, Pixel, Clickless} {
		require.Equal(t, TopicPostbacks, kind.Topic())
		require.True(t, kind.Valid())
	}
	require.False(t, Kind("").Valid())
}

func FuzzDecode(f *testing.F) {
	data, err := wholeHit(keys(f)).Encode()
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte(`{"id":"01890a5d-ac96-774b-bcce-b302099a8057","kind":"click","params":{"a":"\ud800","A":"b"}}`))
	f.Add([]byte(`{"ID":"01890a5d-ac96-774b-bcce-b302099a8057","id":null,"kind":"pixel","received_at":"0000-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := Decode(data)
		if err != nil {
			return
		}
		// What was taken in can be sent on, and arrives the same.
		first, err := h.Encode()
		require.NoError(t, err)
		again, err := Decode(first)
		require.NoError(t, err)
		second, err := again.Encode()
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
		require.True(t, json.Valid(first))
	})
}
