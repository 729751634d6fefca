package main

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

func crowdForTraffic(t *testing.T, accounts int) *crowd {
	t.Helper()
	keys, err := token.ParseKeys("a secret for tests only")
	require.NoError(t, err)
	c := &crowd{ground: &ground{keys: keys}}
	for account := range int64(accounts) {
		m := member{account: account + 1, global: keys.Token(account+1, 0, 1)}
		for i := range int64(crowdOffers) {
			m.offers = append(m.offers, 100*m.account+i)
			m.offerTokens = append(m.offerTokens, keys.Token(m.account, m.offers[i], 1))
		}
		for i := range int64(crowdPublishers) {
			m.publishers = append(m.publishers, 1000*m.account+i)
		}
		c.members = append(c.members, m)
	}
	c.deal()
	return c
}

// TestACrowdSendsEachSaleOnceAndTheOthersInTheirShares: a repeat is of a sale that was sent
// before.
func TestACrowdSendsEachSaleOnceAndTheOthersInTheirShares(t *testing.T) {
	c := crowdForTraffic(t, 30)
	ids := make([]token.TransactionID, salesFor(9000))
	places := map[string]int{}
	for i := range ids {
		ids[i] = c.keys.Mint(time.Now())
		places[ids[i].String()] = i
	}
	sent := c.traffic(ids)
	require.Equal(t, 10_000, sent.limit)

	seen := map[string]bool{}
	var clicks, sales, repeats, refusals, early, paths = 0, 0, 0, 0, 0, map[string]int{}
	for i := range sent.limit {
		require.Equal(t, sales, sent.postbacks(i), "request %d", i)
		text := string(sent.request(nil, i))
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		require.NoError(t, err, text)
		paths[r.URL.Path]++
		_, stored := places[r.FormValue("transaction_id")]
		switch {
		case r.URL.Path == "/click":
			clicks++
		case seen[text]:
			repeats++
		case r.URL.Path == "/clickless" && strings.HasPrefix(r.FormValue("external_transaction_id"), "refused"):
			refusals++
		case r.URL.Path == "/clickless" || stored:
			sales++
		default:
			early++
		}
		seen[text] = true
	}
	require.Equal(t, []int{7000, 2100, 200, 500, 200}, []int{clicks, sales, repeats, refusals, early})
	require.NotZero(t, paths["/pixel"])
	require.NotZero(t, paths["/clickless"]-refusals)
}

// TestAFewAccountsOfACrowdHaveMostOfTheTraffic and every one has some.
func TestAFewAccountsOfACrowdHaveMostOfTheTraffic(t *testing.T) {
	c := crowdForTraffic(t, 100)
	counts := make([]int, 100)
	for _, d := range c.draws {
		counts[d.member]++
		require.Less(t, d.offer, crowdOffers-1, "the last one is paused")
	}
	require.Greater(t, counts[0], len(c.draws)/5)
	for member, n := range counts {
		require.NotZero(t, n, member)
	}
}
