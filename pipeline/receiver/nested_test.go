package receiver

import (
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDeeplyNestedQualifiersAreReadUpToABound: each object or list is read once for every
// one around it, so that a body that is nested without end costs its square.
func TestDeeplyNestedQualifiersAreReadUpToABound(t *testing.T) {
	rc, keys := newIn(t, generatedWorld{}, swallow{})
	target := "/?secure=" + keys.Token(7, 0, 1) + "&transaction_id=" + keys.Mint(now).String()
	allocated := func(body string) uint64 {
		ctx := asked(http.MethodPost, target, body, "Host", "track.example", "Content-Type", "application/json")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rc.Serve(ctx)
		runtime.ReadMemStats(&after)
		require.Equal(t, http.StatusOK, ctx.Response.StatusCode())
		return after.TotalAlloc - before.TotalAlloc
	}
	for opening, closing := range map[string]string{`{"event":{"data":`: "}}", `{"event":`: "}", `{"status":[`: "]}", `{"x":{"event":`: "}}"} {
		depth := 62 << 10 / (len(opening) + len(closing))
		body := strings.Repeat(opening, depth) + "1" + strings.Repeat(closing, depth)
		require.Less(t, allocated(body), uint64(12<<20), opening)
	}
}

// TestAnOrdinaryNestingOfQualifiersIsReadWhole: the bound is far beyond it.
func TestAnOrdinaryNestingOfQualifiersIsReadWhole(t *testing.T) {
	d := open(t)
	body := `{"event":` + strings.Repeat(`{"data":{"event":`, 20) + `"refunded"` + strings.Repeat("}}", 20) + `,"x":"` + strings.Repeat("a", 2048) + `"}`
	require.Equal(t, http.StatusOK, d.send(http.MethodPost, d.fill("/?secure=TOKEN&transaction_id=ID"), body, "Content-Type", "application/json").status)
	values := slices.Collect(maps.Values(d.only().Params))
	require.True(t, slices.ContainsFunc(values, func(value string) bool { return strings.HasPrefix(value, "refunded") }))
	require.False(t, slices.ContainsFunc(values, func(value string) bool { return strings.Contains(value, unreadWord) }))
}
