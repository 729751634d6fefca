package main

import (
	"bufio"
	"bytes"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

func groundForTraffic(t *testing.T) (*ground, []token.TransactionID) {
	keys, err := token.ParseKeys("a secret for tests only")
	require.NoError(t, err)
	g := &ground{keys: keys, account: 7}
	for i := range offerCount {
		g.offers = append(g.offers, int64(100+i))
		g.offerTokens = append(g.offerTokens, keys.Token(7, int64(100+i), 1))
	}
	for i := range publisherCount {
		g.publishers = append(g.publishers, int64(200+i))
	}
	g.global = keys.Token(7, 0, 1)
	ids := make([]token.TransactionID, 4*offerCount)
	for i := range ids {
		ids[i] = keys.Mint(time.Now())
	}
	return g, ids
}

func parsed(t *testing.T, request []byte) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	require.NoError(t, err, "%s", request)
	require.Equal(t, host, r.Host)
	return r
}

func TestEachPostbackNamesItsOwnClickWithATokenThatReachesIt(t *testing.T) {
	g, ids := groundForTraffic(t)
	sent := g.postbacks(ids)
	tokens := map[string]int{}
	for i, id := range ids {
		r := parsed(t, sent.request([]byte("GET / HTTP/1.1\r\n")[:0], i))
		require.Equal(t, "/postback", r.URL.Path)
		require.Equal(t, id.String(), r.FormValue("transaction_id"))
		token := r.FormValue("secure")
		require.Contains(t, []string{g.global, g.offerTokens[i%offerCount]}, token, "request %d", i)
		tokens[token]++
	}
	require.Equal(t, len(ids)/2, tokens[g.global])
	require.Len(t, tokens, 1+offerCount)
	require.Equal(t, 5, sent.postbacks(5))
}

func TestClicksAreSpreadOverOffersAndPublishers(t *testing.T) {
	g, _ := groundForTraffic(t)
	sent := g.clicks(1000)
	pairs := map[[2]string]bool{}
	visits := map[string]bool{}
	for i := range offerCount * publisherCount {
		r := parsed(t, sent.request(nil, i))
		require.Equal(t, "/click", r.URL.Path)
		pairs[[2]string{r.FormValue("offer"), r.FormValue("publisher")}] = true
		visits[r.FormValue("external_transaction_id")] = true
	}
	require.Len(t, pairs, offerCount*publisherCount)
	require.Len(t, visits, offerCount*publisherCount)
	require.Zero(t, sent.postbacks(5))
}

func TestAMixtureSendsEachPostbackAndEachClickOnce(t *testing.T) {
	one := func(kind string, n int) traffic {
		return traffic{limit: n, accepted: []int{n}, request: func(to []byte, i int) []byte {
			return strconv.AppendInt(append(to, kind...), int64(i), 10)
		}}
	}
	sent := mixture(one("click ", 14_000), one("postback ", 6_000), 0.7)
	require.Equal(t, 20_000, sent.limit)
	require.Equal(t, []int{14_000, 6_000}, sent.accepted)
	seen := map[string]bool{}
	postbacks := 0
	for i := range sent.limit {
		require.Equal(t, postbacks, sent.postbacks(i))
		request := string(sent.request(nil, i))
		require.False(t, seen[request], request)
		seen[request] = true
		if request[0] == 'p' {
			postbacks++
		}
	}
	require.Equal(t, 6_000, postbacks)
	require.True(t, seen["click 13999"] && seen["postback 5999"], "none is missing")
}
