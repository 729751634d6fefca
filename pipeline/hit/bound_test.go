package hit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// received makes a hit of parameters in the way the doors do, with a long
// description of the request.
func received(params map[string]string, short bool) *hit.Hit {
	return receivedFrom(params, short, strings.Repeat("agent \x01", 300), "https://page.example/"+strings.Repeat("\"", 2000))
}

func receivedFrom(params map[string]string, short bool, agent, referer string) *hit.Hit {
	at := time.Date(2026, 3, 4, 5, 6, 7, 891234000, time.UTC)
	h := &hit.Hit{
		ID: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), Kind: hit.Postback, ReceivedAt: at, Method: "GET",
		Host: "track.example", Path: "/", Params: maps.Clone(params), TokenDigest: token.DigestOf("token"), ClientIP: "2001:db8::1",
		UserAgent: agent, Referer: referer,
	}
	limit := hit.MaxBytes
	h.Prune()
	if short {
		h.Shorten()
		limit = hit.MaxShortBytes
	}
	redact.Redactor{}.Hit(h)
	h.Fit(limit)
	return h
}

func size(t testing.TB, h *hit.Hit) int {
	t.Helper()
	data, err := h.Encode()
	require.NoError(t, err)
	return len(data)
}

// junk is what a stranger sends to make much of little: 60 KB of short
// addresses and control characters.
func junk() map[string]string {
	params := map[string]string{}
	for i := range 100 {
		params[fmt.Sprint("a", i)] = strings.Repeat("a@b.cc ", 45)
		params[fmt.Sprint("\x01", i)] = strings.Repeat("\x01\x02", 150)
	}
	for _, name := range hit.Details {
		params[name] = strings.Repeat("a@b.cc\x01", 290)
	}
	return params
}

func TestAHitIsBoundedWhateverIsSent(t *testing.T) {
	params := junk()
	params[hit.ParamOrderID] = "A-1"
	params[hit.ParamRevenue] = "12.50"
	whole, short := received(params, false), received(params, true)
	require.LessOrEqual(t, size(t, whole), hit.MaxBytes)
	require.LessOrEqual(t, size(t, short), hit.MaxShortBytes)
	for _, h := range []*hit.Hit{whole, short} {
		require.Equal(t, "A-1", h.Params[hit.ParamOrderID])
		require.Equal(t, "12.50", h.Params[hit.ParamRevenue])
		require.NotEmpty(t, h.Notes)
		require.NotContains(t, strings.Join(h.Notes, " "), "a@b")
		require.NotContains(t, fmt.Sprint(h.Params), "a@b.cc")
	}
	for name := range short.Params {
		require.True(t, hit.KnownParam(name), name)
	}
}

func TestTheWorstHitIsBounded(t *testing.T) {
	for _, piece := range []string{"\x01", "\"", "a@b.cc ", "é", "\xff", "i8t_0123456789 "} {
		params := junk()
		for _, name := range append(hit.Deciding[:], hit.Details[:]...) {
			params[name] = strings.Repeat(piece, redact.DefaultMaxValueBytes/len(piece))
		}
		require.LessOrEqual(t, size(t, received(params, false)), hit.MaxBytes, piece)
		require.LessOrEqual(t, size(t, received(params, true)), hit.MaxShortBytes, piece)
	}
}

// TestEveryForeignTextIsBounded fills each text field that a sender can fill, by
// reflection: a new one that Fit does not cut fails it.
func TestEveryForeignTextIsBounded(t *testing.T) {
	for _, limit := range []int{hit.MaxBytes, hit.MaxShortBytes} {
		h := &hit.Hit{ID: uuid.New(), Kind: hit.Click, ReceivedAt: time.Now()}
		h.EachForeignText(func(text *string, most int) { *text = strings.Repeat("\x01", most) })
		h.Fit(limit)
		require.LessOrEqual(t, size(t, h), limit)
		require.LessOrEqual(t, size(t, h), h.MostBytes())
	}
}

// What decides is cut into no other value, and gets the same form whichever
// door or bound it meets: else a refused hit that is replayed would pay again.
func TestAKeyIsNeverCutIntoAnotherOne(t *testing.T) {
	long := strings.Repeat("x", 600)
	mails := strings.Repeat("a@b.cc ", 290)
	for _, name := range []string{hit.ParamOrderID, hit.ParamExternalTransactionID} {
		kept := map[string]string{}
		sent := hit.Whole(long, hit.MaxKeyBytes) // somebody may send the very form in which another value is kept
		for _, value := range []string{"A-1", long, long + "1", long + "2", mails, mails + "x", strings.Repeat("\x01", 100), sent, hit.Whole(sent, hit.MaxKeyBytes)} {
			whole := received(map[string]string{name: value}, false)
			params := junk()
			params[name] = value
			short := received(params, true)
			require.Equal(t, whole.Params[name], short.Params[name])
			other, taken := kept[whole.Params[name]]
			require.False(t, taken, "%.20q and %.20q have become one", value, other)
			kept[whole.Params[name]] = value
		}
	}
}

func TestACutAmountOrNumberIsNone(t *testing.T) {
	digits := strings.Repeat("1", 500)
	h := received(map[string]string{hit.ParamRevenue: digits, hit.ParamOffer: digits, hit.ParamTransactionID: strings.Repeat("a", 500)}, true)
	_, err := hit.Amount(h.Params[hit.ParamRevenue])
	require.Error(t, err)
	_, err = hit.Number(h.Params[hit.ParamOffer])
	require.Error(t, err)
	_, err = hit.TestKeys(t).Verify(h.Params[hit.ParamTransactionID])
	require.ErrorIs(t, err, token.ErrMalformedTransactionID)
}

func TestAnOrdinaryHitIsKeptWhole(t *testing.T) {
	params := map[string]string{
		hit.ParamTransactionID: "0123456789abcdef0123456789abcdef", hit.ParamOrderID: "A-1", "utm_source": "news", "landing": "https://x.example/?a=b",
	}
	const agent, referer = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "https://page.example/article?a=b"
	h := receivedFrom(params, false, agent, referer)
	require.Equal(t, params, h.Params)
	require.Empty(t, h.Notes)
	delete(params, "utm_source")
	delete(params, "landing")
	h = receivedFrom(params, true, agent, referer)
	require.Equal(t, params, h.Params)
	require.Empty(t, h.Notes)
}

func TestBystandersGoBeforeDetailsAndDetailsBeforeKeys(t *testing.T) {
	params := map[string]string{hit.ParamOrderID: "A-1", hit.ParamSubID: "news", hit.ParamSubID6: strings.Repeat("s", 2000)}
	for i := range 30 {
		params[fmt.Sprint("p", i)] = strings.Repeat("x", 1000)
	}
	h := received(params, false)
	require.Equal(t, "A-1", h.Params[hit.ParamOrderID])
	require.Equal(t, params[hit.ParamSubID6], h.Params[hit.ParamSubID6])
	require.Contains(t, strings.Join(h.Notes, ";"), "other parameters were dropped")
	require.Greater(t, len(h.Params), 5, "what fits is kept")
}

// What Prune notes goes to the sender, and so must not depend on what
// redaction finds.
func TestPruneNotesNothingThatATokenChanges(t *testing.T) {
	for n := 1; n < 2000; n += 7 {
		with := &hit.Hit{Params: map[string]string{"a": strings.Repeat("word-1 ", n/7), "b": strings.Repeat("\x01", n)}}
		with.Prune()
		before := append([]string(nil), with.Notes...)
		redact.Redactor{IsToken: func(text string) bool { return text == "word-1" }}.Hit(with)
		require.Equal(t, before, with.Notes[:len(before)])
	}
}

func TestEscapedBytesIsWhatEncodeWrites(t *testing.T) {
	for r := rune(1); r < 0x3000; r++ {
		text := "a" + string(r) + "b"
		h := &hit.Hit{ID: uuid.New(), Kind: hit.Click, Params: map[string]string{"p": text}}
		empty := &hit.Hit{ID: uuid.New(), Kind: hit.Click, Params: map[string]string{"p": ""}}
		require.Equal(t, hit.EscapedBytes(text), size(t, h)-size(t, empty), "%U", r)
	}
}

func FuzzFit(f *testing.F) {
	f.Add("order", "a@b.cc ", "\x01", uint16(300), true)
	f.Add("\xff\xfe", "\"\\", "é", uint16(2000), false)
	f.Add("A-1", "i8t_0123456789 ", "%41%40b.cc", uint16(90), true)
	f.Fuzz(func(t *testing.T, key, label, other string, times uint16, short bool) {
		n := int(times) % 2048
		repeat := func(text string) string {
			if text == "" {
				return ""
			}
			return strings.Repeat(text, n)[:min(redact.DefaultMaxValueBytes, n*len(text))]
		}
		params := map[string]string{hit.ParamOrderID: key, hit.ParamExternalTransactionID: repeat(key), hit.ParamRevenue: repeat(label)}
		for _, name := range hit.Details {
			params[name] = repeat(label)
		}
		for i := range 40 {
			params[fmt.Sprint(i, other)] = repeat(other)
		}
		h := received(params, short)
		data, err := h.Encode()
		require.NoError(t, err)
		require.True(t, json.Valid(data))
		limit := hit.MaxBytes
		if short {
			limit = hit.MaxShortBytes
		}
		require.LessOrEqual(t, len(data), limit)
		back, err := hit.Decode(data)
		require.NoError(t, err)
		require.Equal(t, h, back)
		require.LessOrEqual(t, len(data), h.MostBytes())
	})
}
