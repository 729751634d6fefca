package cli

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func TestBadInputGetsItsAnswerAndNeighboursAreUnaffected(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	id := func() string { return s.click() }
	good := func() string {
		t.Helper()
		got := s.get("/", "secure", s.Global, "transaction_id", id())
		require.Equal(t, 200, got.status)
		return got.receipt
	}
	var neighbours []string
	params := func(more ...string) string {
		return query(append(more, "secure", s.Global, "transaction_id", id())...)
	}
	for name, row := range map[string]struct {
		status int
		fire   func() answer
	}{
		"a long URL": {414, func() answer { return s.do("GET", "", "/?"+params("x", strings.Repeat("y", 9000)), "", "") }},
		"a large body": {413, func() answer {
			return s.do("POST", "", "/", "application/x-www-form-urlencoded", strings.Repeat("x", 70_000))
		}},
		"an unknown body": {400, func() answer { return s.do("POST", "", "/?secure="+s.Global, "application/xml", "<a/>") }},
		"another method":  {405, func() answer { return s.do("DELETE", "", "/?"+params(), "", "") }},
		"another path":    {404, func() answer { return s.do("GET", "", "/nothing?"+params(), "", "") }},
		"another domain":  {404, func() answer { return s.do("GET", "elsewhere.example", "/pixel?"+params(), "", "") }},
		"an unknown offer": {404, func() answer {
			return s.get("/click", "offer", "424242", "publisher", number(s.Publisher))
		}},
		"broken JSON": {400, func() answer { return s.do("POST", "", "/?secure="+s.Global, "application/json", `{"transaction_id":`) }},
		"a repeated JSON key": {400, func() answer {
			return s.do("POST", "", "/?"+params(), "application/json", `{"order_id":"1","order_id":"2"}`)
		}},
		"a NUL":           {400, func() answer { return s.do("GET", "", "/?"+params("order_id", "a\x00b"), "", "") }},
		"no UTF-8":        {400, func() answer { return s.do("GET", "", "/?"+params("order_id", "a\xffb"), "", "") }},
		"broken encoding": {400, func() answer { return s.do("GET", "", "/?"+params()+"&order_id=%4", "", "") }},
		"two tokens":      {400, func() answer { return s.do("GET", "", "/?"+params()+"&secure="+s.OfferToken, "", "") }},
	} {
		neighbours = append(neighbours, good())
		got := row.fire()
		require.Equal(t, row.status, got.status, "%s: %s", name, got.body)
		require.Equal(t, 1, strings.Count(strings.TrimSpace(got.body), "\n")+1, "%s: one clear line", name)
		require.NotEmpty(t, strings.TrimSpace(got.body), name)
		neighbours = append(neighbours, good())
	}
	for _, receipt := range neighbours {
		s.becomes(receipt, outcome.Converted)
	}
}

func TestHeadAndPrefetchAreAnsweredAndNeverRecorded(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	link := "/click?" + query("offer", number(s.Offer), "publisher", number(s.Publisher))
	postback := "/?" + query("secure", s.Global, "transaction_id", s.click())
	for _, path := range []string{link, postback} {
		head := s.do(http.MethodHead, "", path, "", "")
		require.Less(t, head.status, 400)
		require.Empty(t, head.receipt)
		for _, header := range []string{"Purpose", "Sec-Purpose"} {
			request, err := http.NewRequest(http.MethodGet, s.base+path, nil)
			require.NoError(t, err)
			request.Header.Set(header, "prefetch")
			got := s.send(request)
			require.Less(t, got.status, 400)
			require.Empty(t, got.receipt)
			require.Empty(t, got.header.Get("Location"), "a browser would keep the redirect for the real visit")
		}
	}
	real := s.get("/", "secure", s.Global, "transaction_id", s.click())
	s.becomes(real.receipt, outcome.Converted)
	require.Equal(t, 2, s.count("hits WHERE kind = 'click'"))
	require.Equal(t, 1, s.count("hits WHERE kind = 'postback'"))
}
