package hit

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// TestEncodeWritesEveryFieldAsPackageJSONDoes fails where a field of Hit was
// forgotten in Encode.
func TestEncodeWritesEveryFieldAsPackageJSONDoes(t *testing.T) {
	h := wholeHit(keys(t))
	h.Destination, h.TokenLeaked = "https://shop.example/landing", true
	whole := reflect.ValueOf(h).Elem()
	for i := range whole.NumField() {
		require.False(t, whole.Field(i).IsZero(), "the test needs a hit with %s", whole.Type().Field(i).Name)
	}
	for i := -1; i < whole.NumField(); i++ {
		partial := *h
		if i >= 0 {
			if name := whole.Type().Field(i).Name; name == "ID" || name == "Kind" {
				continue // no hit lacks them
			}
			reflect.ValueOf(&partial).Elem().Field(i).SetZero()
		}
		want, err := json.Marshal(&partial)
		require.NoError(t, err)
		got, err := partial.Encode()
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))
	}
	empty := Hit{ID: h.ID, Kind: h.Kind, Params: map[string]string{}}
	want, err := json.Marshal(&empty)
	require.NoError(t, err)
	got, err := empty.Encode()
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
}

// TestTheEncodedFormIsThatOfTheContract: queues, spools and the database hold it,
// so that a change of one byte is a change for every reader of another version.
func TestTheEncodedFormIsThatOfTheContract(t *testing.T) {
	h := wholeHit(keys(t))
	h.TransactionID = token.TransactionID{0x01, 0x96, 0xfb, 0x2a, 0x4c, 0x1e, 0x7d, 0x53, 0xa8, 0xb0, 0x9c, 0x61, 0xd2, 0xe4, 0xf7, 0x08}
	data, err := h.Encode()
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/hit.json")
	require.NoError(t, err)
	require.Equal(t, strings.TrimSuffix(string(want), "\n"), string(data))
}

func TestEncodeRefusesATimeThatJSONCannotHold(t *testing.T) {
	h := wholeHit(keys(t))
	h.ReceivedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := h.Encode()
	require.ErrorContains(t, err, "received_at")
}

// TestEncodeRefusesWhatDecodeDoesNotTake: a hit that no worker can read would be
// promised to its sender and never decided.
func TestEncodeRefusesWhatDecodeDoesNotTake(t *testing.T) {
	for name, spoil := range map[string]func(*Hit){
		"no id":                      func(h *Hit) { h.ID = uuid.Nil },
		"no kind":                    func(h *Hit) { h.Kind = "" },
		"an unknown kind":            func(h *Hit) { h.Kind = "private-word" },
		"a negative account":         func(h *Hit) { h.AccountID = -1 },
		"a negative offer":           func(h *Hit) { h.OfferID = -2 },
		"a negative publisher":       func(h *Hit) { h.PublisherID = -3 },
		"a NUL in a value":           func(h *Hit) { h.Params["a"] = "private-word\x00" },
		"a NUL in a name":            func(h *Hit) { h.Params["private-word\x00"] = "a" },
		"a NUL in the referer":       func(h *Hit) { h.Referer = "private-word\x00" },
		"a NUL in a note":            func(h *Hit) { h.Notes = []string{"private-word\x00"} },
		"no UTF-8 in a value":        func(h *Hit) { h.Params["a"] = "private-word\xff" },
		"two names of no UTF-8":      func(h *Hit) { h.Params["private-word\xff"], h.Params["private-word\xfe"] = "a", "b" },
		"no UTF-8 in the host":       func(h *Hit) { h.Host = "private-word\xff" },
		"no UTF-8 in the client IP":  func(h *Hit) { h.ClientIP = "private-word\xff" },
		"no UTF-8 in the refusal":    func(h *Hit) { h.Refusal = "private-word\xff" },
		"half a character":           func(h *Hit) { h.UserAgent = "private-word\xed\xa0\x80" },
		"a time that JSON lacks":     func(h *Hit) { h.ReceivedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"a text that is too large":   func(h *Hit) { h.Path = strings.Repeat("a", MaxEncodedBytes) },
		"names that are too large":   func(h *Hit) { h.Params[strings.Repeat("a", MaxEncodedBytes)] = "" },
		"a time with a strange zone": func(h *Hit) { h.ReceivedAt = h.ReceivedAt.In(time.FixedZone("", 24*60*60)) },
	} {
		h := wholeHit(keys(t))
		spoil(h)
		data, err := h.Encode()
		require.ErrorIs(t, err, ErrUnencodable, name)
		require.Nil(t, data, name)
		require.NotContains(t, err.Error(), "private-word", name)
	}
}

// FuzzWhatEncodesDecodes: whatever the fields of a hit hold, what Encode returns is
// taken by Decode, and is the same hit.
func FuzzWhatEncodesDecodes(f *testing.F) {
	f.Add("postback", "text", "name", "other", int64(1), int64(2), int64(1e9), false)
	f.Add("click", "a\x00b", "\xff", "\xfe", int64(-1), int64(0), int64(-1e11), true)
	f.Add("", "\xed\xa0\x80", "", "\u2028\"\\", int64(0), int64(1<<62), int64(253402300800), false)
	f.Fuzz(func(t *testing.T, kind, text, name, other string, account, offer, seconds int64, flag bool) {
		h := &Hit{
			ID: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), Kind: Kind(kind), ReceivedAt: time.Unix(seconds, offer%1e9).UTC(), Method: text, Host: other,
			Path: name, Params: map[string]string{name: text, other: name}, AccountID: account, OfferID: offer, PublisherID: account, Destination: text, ClientIP: name,
			UserAgent: other, Referer: text, Refusal: outcome.Reason(name), TokenLeaked: flag, Notes: []string{text, other}, Surplus: flag,
			Incarnation: account, Number: offer,
		}
		copy(h.ID[8:], other)
		copy(h.TokenDigest[:], text)
		copy(h.TransactionID[:], name)
		data, err := h.Encode()
		if err != nil {
			require.ErrorIs(t, err, ErrUnencodable)
			return
		}
		back, err := Decode(data)
		require.NoError(t, err)
		require.Equal(t, h, back)
	})
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
		h := wholeHit(keys(t))
		h.Kind = Postback
		h.Method, h.Host, h.Path, h.Destination, h.UserAgent, h.Referer = text, text, text, text, text, text
		h.ClientIP, h.Refusal = text, outcome.Reason(text)
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
