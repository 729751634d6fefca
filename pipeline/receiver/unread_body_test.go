package receiver

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// TestAQualifierGluedToAnIDIsSeen and the id stays what it was.
func TestAQualifierGluedToAnIDIsSeen(t *testing.T) {
	for tail, want := range map[string]string{
		"%23status=rejected": "status", "%26status=rejected": "status", ";status=rejected": "status", "%3Fstatus=rejected": "status",
		"%23a=1%26refund=1": "refund", ",event=trial": "event", "|goal=7": "goal", "%20status=void": "status", "%3Fa=1%23status=rejected": "status",
		"%23x%26reason=fraud": "reason", "%26type=refund": "type",
	} {
		d := open(t)
		id := d.id().String()
		d.get("/?secure=" + d.token + "&transaction_id=" + id + tail).accepted(t)
		h := d.only()
		require.NotEqual(t, hit.NoQualifier, h.Qualifier(want), "%s: %v", tail, h.Params)
		require.Equal(t, id, h.Params["transaction_id"])
	}
	for _, pair := range []string{"order_id=A1%26status=rejected", "order_id=A1%3Bstatus=rejected", "revenue=10%26status=rejected", "currency=USD%23status=rejected",
		"order_id=A1%2526status%253Drejected", "payout=5%3Fstatus=rejected"} {
		d := open(t)
		d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String() + "&" + pair).accepted(t)
		require.Equal(t, "rejected", d.only().Params["status"], pair)
	}
	for _, more := range []string{"%23top", "%3Futm_source=x", "/", "%23a=b"} {
		d := open(t)
		d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String() + more + "&order_id=c3RhdHVz%3D&sub_id=a;status=x").accepted(t)
		h := d.only()
		for name := range h.Params {
			require.Equal(t, hit.NoQualifier, h.Qualifier(name), "%s: %s", more, name)
		}
		require.Equal(t, "c3RhdHVz=", h.Params["order_id"])
	}
}

// TestABodyThatIsLookedIntoGivesNothingButItsQualifiers: no id, no amount, no label
// and no refusal, whatever it holds.
func TestABodyThatIsLookedIntoGivesNothingButItsQualifiers(t *testing.T) {
	many := `{"order_id":"B","secure":"x","transaction_id":"y"`
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"} {
		many += `,"` + name + `_rejected_reason":"x"`
	}
	for _, body := range []string{
		gzipped(t, "status=rejected&order_id=B&secure=x&transaction_id=y&sub_id=z&other=1"),
		gzipped(t, many+"}"), `[{"a":1},` + many + "}]",
		"<o><order_id>B</order_id><status>rejected</status><sub_id>z</sub_id></o>",
		"status=rejected&order_id=B&revenue=7&x=" + strings.Repeat("y", 65<<10),
	} {
		d := open(t)
		r := d.send(http.MethodPost, "/?secure="+d.token+"&transaction_id="+d.id().String()+"&order_id=A", body, "Content-Type", "application/octet-stream")
		r.accepted(t)
		h := d.only()
		require.Equal(t, "A", h.Params["order_id"])
		for name := range h.Params {
			require.True(t, name == "order_id" || name == "transaction_id" || h.Qualifier(name) != hit.NoQualifier, "%.40q: %s", body, name)
		}
		require.Greater(t, len(h.Params), 2, "%.40q", body)
		require.Contains(t, r.header.Get("X-Note"), "the body")
	}
}

// TestABombIsInflatedToTheBoundOfABody and no further.
func TestABombIsInflatedToTheBoundOfABody(t *testing.T) {
	bomb := gzipped(t, gzipped(t, strings.Repeat("a", 32<<20)))
	require.Less(t, len(bomb), 64<<10)
	require.LessOrEqual(t, len(plainBody([]byte(bomb), "gzip", 64<<10)), 64<<10)
	require.Equal(t, "status=rejected", string(plainBody([]byte(gzipped(t, "status=rejected")), "", 64<<10)))
	require.Equal(t, "{}", string(plainBody([]byte("\xff\xfe{\x00}\x00"), "", 64<<10)))
}

// FuzzLookInto: a body that is not read neither panics nor refuses, and 64 KiB of
// nesting take bounded time, which the test binary's deadline watches.
func FuzzLookInto(f *testing.F) {
	f.Add([]byte(strings.Repeat("[", 64<<10)), "")
	f.Add([]byte(strings.Repeat(`{"a":`, 13<<10)), "")
	f.Add([]byte(strings.Repeat(`{"status":`, 6<<10)), "")
	f.Add([]byte(strings.Repeat(`{"status":`, 3<<10)+"1"+strings.Repeat("}", 3<<10)), "")
	f.Add([]byte(strings.Repeat(`{"event":[`, 6<<10)), "")
	f.Add([]byte(strings.Repeat("<a>", 21<<10)), "")
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "&a;&a;">]><x><status>&a;</status></x>`), "")
	f.Add([]byte(`<p name="status">rejected</p`), "")
	f.Add([]byte("status: rejected\nrefund: true"), "")
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\xb4\xb5MJ\x02\x00"), "gzip")
	f.Add([]byte("x\x9c"), "deflate")
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nvoid"), "")
	f.Fuzz(func(t *testing.T, body []byte, coding string) {
		for _, tooLarge := range []bool{false, true} {
			in := emptyRequest()
			in.limits.MaxBodyBytes = 64 << 10
			in.token, in.values["transaction_id"] = "t", "1"
			v := &visit{body: body, bodyTooLarge: tooLarge, header: &asked("POST", "/", "", "Content-Encoding", coding).Request.Header}
			in.searchBody(v)
			require.Equal(t, problem{}, in.formWithToken())
			require.Equal(t, "1", in.values["transaction_id"])
			require.LessOrEqual(t, in.qualifiers, hit.MaxQualifiers)
		}
	})
}
