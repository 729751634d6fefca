package receiver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAVisitorIsSentOnWhereOfferAndPublisherAreGluedToALabel: the author of the link
// separated its parameters by another character than an ampersand.
func TestAVisitorIsSentOnWhereOfferAndPublisherAreGluedToALabel(t *testing.T) {
	d := open(t)
	for query, label := range map[string]string{
		"sub_id=a;offer=1&publisher=2":                    "a",
		"offer=1&sub_id=a;publisher=2":                    "a",
		"sub_id=a;offer=1;publisher=2":                    "a",
		"publisher=2;sub_id=a;offer=1":                    "a",
		"sub_id=a%26offer=1%26publisher=2":                "a",
		"sub_id=a%26amp;offer%3D1&publisher=2":            "a",
		"sub_id=a?offer=1&publisher=2":                    "a",
		"sub_id=a|offer=1|publisher=2":                    "a",
		"sub_id=a,offer=1,publisher=2":                    "a",
		"sub_id=a+offer=1&publisher=2":                    "a",
		"sub_id=a;b;offer=1;publisher=2":                  "a;b",
		"sub_id=a;sub_id_2=b;offer=1;publisher=2":         "a",
		"utm_source=x;sub_id=a;offer=1;publisher=2":       "a",
		"sub_id=a&utm_source;offer=1&publisher=2":         "a",
		"sub_id=a&x;offer=1;publisher=2":                  "a",
		"sub_id=a;offer=001&publisher=2":                  "a",
		"user_email=;offer=1;publisher=2&sub_id=a":        "a",
		"sub_id=a;secure=some-token;offer=1&publisher=2":  "a",
		"sub_id=a;offer=1;Publisher=2":                    "a",
		"sub_id=a;OFFER=1;publisher=2":                    "a",
		"sub_id=a;Offer=1,Publisher=2":                    "a",
		"sub_id=a&x;Offer=1;Publisher=2":                  "a",
		"Offer=1;Publisher=2;sub_id=a":                    "a",
		"sub_id=a;Sub_Id_2=b;Offer=1&Publisher=2":         "a",
		"sub_id=%7Bsub%7D;offer=1&publisher=2&sub_id_2=a": "{sub}",
	} {
		d.queue.forget()
		r := d.get("/click?" + query)
		require.Equal(t, http.StatusFound, r.status, "%s: %s", query, r.body)
		h := d.only()
		require.EqualValues(t, 1, h.OfferID, query)
		require.EqualValues(t, 2, h.PublisherID, query)
		require.Equal(t, label, h.Params["sub_id"], query)
		require.Contains(t, r.header.Get("X-Note"), mendingNotes[glued], query)
	}
	d.queue.forget()
	d.get("/click?offer=1&publisher=2&sub_id=a;offer=9")
	require.Equal(t, "a;offer=9", d.only().Params["sub_id"], "a label stays whole where the link names both")
	for _, query := range []string{"sub_id=a;offer=x&publisher=2", "sub_id=a;xoffer=1&publisher=2", "sub_id=aoffer=1&publisher=2", "sub_id=a;offer&publisher=2"} {
		require.Equal(t, http.StatusBadRequest, d.get("/click?"+query).status, query)
	}
}

// TestTheSearchForAGluedOfferReadsAValueOnce: a link of 8 KB that is made of separators
// is no more work for each of them.
func TestTheSearchForAGluedOfferReadsAValueOnce(t *testing.T) {
	rc, _ := newIn(t, generatedWorld{}, swallow{})
	for _, link := range []struct{ before, unit, after string }{
		{"/click?x=", `;\`, "publisher=2offer=1"},
		{"/click?publisher=2&x=", `;\`, "offer=1"},
		{"/click?offer=1&x=", `;%25`, "publisher=2"},
		{"/click?publisher=2&x=", "|\uFB00", "offer=1"},
		{"/click?publisher=2&x;", `;\`, "=offer=1"},
	} {
		allocations := func(times int) float64 {
			ctx := asked("GET", link.before+strings.Repeat(link.unit, times)+link.after, "", "Host", "track.example")
			return testing.AllocsPerRun(1, func() { ctx.Response.Reset(); rc.Serve(ctx) })
		}
		few, many := allocations(30), allocations(600)
		require.Less(t, many, few+200, "%s%s: each separator costs allocations", link.before, link.unit)
	}
}

// TestOnlyWhatFollowsTheLastSeparatorIsAGluedParameter: a name holds no separator, so that
// each equals sign has one candidate.
func TestOnlyWhatFollowsTheLastSeparatorIsAGluedParameter(t *testing.T) {
	for value, want := range map[string]int{
		"a;offer=1": 1, "a;x=1;offer=2": 5, "a;sub_id=1;offer=2": 1, "a;;offer=1": 2, "a;secure=t,offer=1": 1, "a;s&#101;cure=t;offer=1": 15,
		"a;offer=1;offer=2": 1, "a;x=y=offer=1": -1, "offer=1": -1, "a;offer": -1, "": -1, "a;publisher=1": -1,
	} {
		require.Equal(t, want, gluedAt(value, "offer"), value)
	}
}
