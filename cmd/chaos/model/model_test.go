package model

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/cmd/chaos/ledger"
)

func testWorld() *World {
	terms := func(text string, percent bool) Terms {
		return Terms{Amount: decimal.RequireFromString(text), Percent: percent}
	}
	return &World{
		Secret: "a secret of the test", LateClicks: time.Hour,
		Offers: map[int64]*Offer{
			1: {Account: 1, Currency: "USD", Payout: terms("2.5", false), Revenue: terms("4", false),
				Payouts: map[int64]Terms{12: terms("3", false)}, Ceiling: new(decimal.New(50, 0))},
			2: {Account: 1, Currency: "EUR", Payout: terms("33.3", true), Revenue: terms("100", true)},
			3: {Account: 1, Currency: "USD", Payout: terms("1", false), Revenue: terms("2", false), Many: true, OwnAmounts: true},
			4: {Account: 1, Currency: "USD", Paused: true},
			5: {Account: 2, Currency: "USD", Payout: terms("1", false), Revenue: terms("2", false)},
			6: {Account: 1, Currency: "USD", Payout: terms("1", false), Revenue: terms("2", false), UniqueOrders: true},
		},
		Publishers: map[int64]*Publisher{11: {Account: 1}, 12: {Account: 1}, 13: {Account: 1, Paused: true}, 21: {Account: 2}},
		Tokens: map[string]Token{"A": {Account: 1}, "A1": {Account: 1, Offer: 1}, "A2": {Account: 1, Offer: 2}, "B": {Account: 2},
			"AC": {Account: 1, Purpose: clickless}, "AP": {Account: 1, Purpose: pixel}},
		Domains: map[string]int64{"a.example": 1, "b.example": 2},
	}
}

func request(path, host string, params ...string) ledger.Request {
	r := ledger.Request{Path: path, Host: host}
	for i := 0; i < len(params); i += 2 {
		r.Params = append(r.Params, ledger.Pair{Name: params[i], Value: params[i+1]})
	}
	return r
}

// TestModelDecidesAsTheDesignSays judges single requests after three clicks.
func TestModelDecidesAsTheDesignSays(t *testing.T) {
	w := testWorld()
	at := time.Now()
	plain, share, many := w.Mint(at), w.Mint(at), w.Mint(at)
	typo := []byte(plain)
	typo[30] = map[bool]byte{true: '1', false: '0'}[typo[30] == '0'] // another digit
	for _, row := range []struct {
		outcome, reason, worth string
		request                ledger.Request
	}{
		{Claims, "", "4 2.5 USD", request("/", "", "secure", "A", "transaction_id", plain)},
		{Claims, "", "4 2.5 USD", request("/postback", "", "secure", "A1", "transaction_id", plain)},
		{Rejected, "wrong_offer", "", request("/", "", "secure", "A2", "transaction_id", plain)},
		{Rejected, "wrong_account", "", request("/", "", "secure", "B", "transaction_id", plain)},
		{Rejected, "unknown_token", "", request("/", "", "secure", "C", "transaction_id", plain)},
		{Rejected, "missing_transaction_id", "", request("/", "", "secure", "A")},
		{Rejected, "placeholder_transaction_id", "", request("/", "", "secure", "A", "transaction_id", "REPLACE")},
		{Rejected, "malformed_transaction_id", "", request("/", "", "secure", "A", "transaction_id", plain[1:])},
		{Rejected, "unverified_transaction_id", "", request("/", "", "secure", "A", "transaction_id", string(typo))},
		{Rejected, "repeated_parameter", "", request("/", "", "secure", "A", "transaction_id", plain, "transaction_id", share)},
		{Claims, "", "4 2.5 USD", request("/", "", "secure", "A", "transaction_id", plain, "transaction_id", plain, "x", "1", "x", "2")},
		{Claims, "", "4 2.5 USD", request("/", "", "secure", "A", "transaction_id", plain, "revenue", "$5")},
		{Claims, "", "4 2.5 USD", request("/", "", "secure", "A", "transaction_id", plain, "revenue", "-0.00")},
		{Rejected, "unsupported_status", "", request("/", "", "secure", "A", "transaction_id", plain, "revenue", "-1")},
		{Rejected, "unsupported_status", "", request("/clickless", "", "secure", "AC", "offer", "1", "publisher", "12", "payout", "-0.5")},
		{Rejected, "invalid_amount", "", request("/", "", "secure", "A", "transaction_id", share, "revenue", "2,000.00")},
		{Rejected, "invalid_amount", "", request("/clickless", "", "secure", "AC", "offer", "1", "publisher", "12", "payout", "1e3")},
		{Waiting, "click_not_yet", "", request("/", "", "secure", "A", "transaction_id", w.Mint(at))},
		{Claims, "", "10.01 3.33333 EUR", request("/", "", "secure", "A", "transaction_id", share, "revenue", "10.01")},
		{Rejected, "missing_revenue", "", request("/", "", "secure", "A", "transaction_id", share)},
		{Rejected, "currency_mismatch", "", request("/", "", "secure", "A", "transaction_id", share, "revenue", "1", "currency", "USD")},
		{Claims, "", "2 1 USD", request("/", "", "secure", "A", "transaction_id", many, "order_id", "1")},
		{Rejected, "missing_order_id", "", request("/", "", "secure", "A", "transaction_id", many)},
		{Claims, "", "4 2.5 USD", request("/pixel", "a.example", "secure", "A", "transaction_id", plain)},
		{Rejected, "wrong_domain", "", request("/pixel", "b.example", "secure", "A", "transaction_id", plain)},
		{Claims, "", "4 3 USD", request("/clickless", "", "secure", "A1", "publisher", "12")},
		{Claims, "", "7 0.5 USD", request("/clickless", "", "secure", "AC", "offer", "1", "publisher", "11", "revenue", "7", "payout", "0.5")},
		{Claims, "", "4 2.5 USD", request("/clickless", "", "secure", "A", "offer", "1", "publisher", "11", "revenue", "7", "payout", "0.5")},
		{Claims, "", "4 2.5 USD", request("/clickless", "", "secure", "AC", "offer", "1", "publisher", "11", "revenue", "7", "payout", "50.01")},
		{Claims, "", "9 0.5 USD", request("/clickless", "", "secure", "A", "offer", "3", "publisher", "11", "revenue", "9", "payout", "0.5")},
		{Rejected, "revenue_not_counted", "", request("/clickless", "", "secure", "A2", "publisher", "11", "revenue", "9")},
		{Rejected, "revenue_not_counted", "", request("/pixel", "a.example", "secure", "AP", "transaction_id", share, "revenue", "9")},
		{Rejected, "wrong_purpose", "", request("/", "", "secure", "AP", "transaction_id", plain)},
		{Rejected, "wrong_purpose", "", request("/clickless", "", "secure", "AP", "offer", "1", "publisher", "11")},
		{Claims, "", "4 2.5 USD", request("/pixel", "a.example", "secure", "AP", "transaction_id", plain, "revenue", "9")},
		{Rejected, "missing_offer", "", request("/clickless", "", "secure", "A", "publisher", "11")},
		{Rejected, "missing_publisher", "", request("/clickless", "", "secure", "A", "offer", "1")},
		{Rejected, "wrong_offer", "", request("/clickless", "", "secure", "A1", "offer", "2", "publisher", "11")},
		{Rejected, "unknown_offer", "", request("/clickless", "", "secure", "A", "offer", "5", "publisher", "11")},
		{Rejected, "unknown_publisher", "", request("/clickless", "", "secure", "A", "offer", "1", "publisher", "21")},
		{Rejected, "offer_paused", "", request("/clickless", "", "secure", "A", "offer", "4", "publisher", "11")},
		{Rejected, "publisher_paused", "", request("/clickless", "", "secure", "A", "offer", "1", "publisher", "13")},
		{Recorded, "", "", request("/click", "", "offer", "1", "publisher", "11")},
		{Rejected, "unknown_publisher", "", request("/click", "", "offer", "1", "publisher", "21")},
		{Rejected, "offer_paused", "", request("/click", "", "offer", "4", "publisher", "11")},
		{Rejected, "publisher_paused", "", request("/click", "", "offer", "1", "publisher", "13")},
		{Failed, "handler_failed", "", request("/", "", "secure", "A", "transaction_id", plain, "chaos", "panic")},
		{Failed, "delivery_limit", "", request("/", "", "secure", "A", "transaction_id", plain, "chaos", "exit")},
	} {
		t.Run(row.request.Path+" "+row.reason, func(t *testing.T) {
			entries := []ledger.Entry{
				{Request: request("/click", "", "offer", "1", "publisher", "11")},
				{Request: request("/click", "", "offer", "2", "publisher", "11")},
				{Request: request("/click", "", "offer", "3", "publisher", "11")},
				{Request: row.request},
			}
			facts := map[int64]Fact{}
			for i, id := range []string{plain, share, many, w.Mint(at)} {
				entries[i].Seq = int64(i + 1)
				facts[entries[i].Seq] = Fact{TransactionID: id, ReceivedAt: at}
			}
			require.True(t, w.At(row.request).Recorded)
			e := w.Judge(entries, facts, at.Add(time.Second))[4]
			require.Equal(t, row.outcome+" "+row.reason, e.Outcome+" "+e.Reason)
			worth := ""
			if e.Claim != nil {
				worth = fmt.Sprintf("%s %s %s", e.Claim.Revenue, e.Claim.Payout, e.Claim.Currency)
			}
			require.Equal(t, row.worth, worth)
		})
	}
}

func TestModelGivesUpWaitingAfterTheWindow(t *testing.T) {
	w := testWorld()
	at := time.Now()
	entries := []ledger.Entry{{Request: request("/", "", "secure", "A", "transaction_id", w.Mint(at))}}
	entries[0].Seq = 1
	facts := map[int64]Fact{1: {ReceivedAt: at, DecidedAt: at, Decisions: 1}}
	e := w.Judge(entries, facts, at.Add(w.LateClicks+time.Second))[1]
	require.Equal(t, Unmatched, e.Outcome)
	require.True(t, e.Undecided, "the next sweep may still be to come")
	e = w.Judge(entries, facts, at.Add(w.LateClicks+time.Hour))[1]
	require.False(t, e.Undecided)
	w.LateGrace = 2 * time.Minute
	facts[1] = Fact{ReceivedAt: at, DecidedAt: at.Add(2 * w.LateClicks), Decisions: 3}
	require.True(t, w.Judge(entries, facts, at.Add(2*w.LateClicks+w.LateGrace))[1].Undecided, "it was replayed")
	require.False(t, w.Judge(entries, facts, at.Add(2*w.LateClicks+4*w.LateGrace))[1].Undecided)
}

func TestModelTakesNoWaitThatEndsTooEarly(t *testing.T) {
	w := testWorld()
	at := time.Now()
	entries := []ledger.Entry{{Request: request("/", "", "secure", "A", "transaction_id", w.Mint(at))}}
	entries[0].Seq = 1
	for name, row := range map[string]struct {
		early bool
		fact  Fact
	}{
		"after the window":  {false, Fact{ReceivedAt: at, DecidedAt: at.Add(w.LateClicks), Decisions: 2}},
		"before it":         {true, Fact{ReceivedAt: at, DecidedAt: at.Add(w.LateClicks - 1), Decisions: 2}},
		"at the first look": {true, Fact{ReceivedAt: at, DecidedAt: at.Add(w.LateClicks), Decisions: 1}},
	} {
		e := w.Judge(entries, map[int64]Fact{1: row.fact}, at.Add(2*w.LateClicks))[1]
		require.Equal(t, row.early, e.Early, name)
	}
}

func TestModelNeverCountsAClickThatWasNotRecorded(t *testing.T) {
	w := testWorld()
	at := time.Now()
	id := w.Mint(at)
	entries := []ledger.Entry{
		{Request: request("/click", "", "offer", "1", "publisher", "11")},
		{Request: request("/", "", "secure", "A", "transaction_id", id)},
	}
	entries[0].Seq, entries[1].Seq = 1, 2
	facts := map[int64]Fact{2: {ReceivedAt: at}}
	require.Equal(t, Waiting, w.Judge(entries, facts, at)[2].Outcome)
	facts[1] = Fact{TransactionID: id, ReceivedAt: at}
	require.Equal(t, Claims, w.Judge(entries, facts, at)[2].Outcome)
}

func TestRequestsThatNameNoTokenAreNotRecorded(t *testing.T) {
	w := testWorld()
	for _, r := range []ledger.Request{
		request("/", "", "transaction_id", w.Mint(time.Now())),
		request("/clickless", "", "offer", "1", "publisher", "11"),
		request("/click", "", "offer", "1"),
		request("/click", "", "offer", "77", "publisher", "11"),
		request("/pixel", "nobody.example", "secure", "A"),
		request("/nothing", ""),
	} {
		door := w.At(r)
		require.False(t, door.Recorded, "%v", r)
		require.GreaterOrEqual(t, door.Status, 400)
	}
}

// TestModelHasEveryWayInClaimTheSameOrder: a hit with a click and one without claim
// an order of an offer with unique orders, and each its own key besides.
func TestModelHasEveryWayInClaimTheSameOrder(t *testing.T) {
	w := testWorld()
	at := time.Now()
	first, second, other := w.Mint(at), w.Mint(at), w.Mint(at)
	entries := []ledger.Entry{
		{Request: request("/click", "", "offer", "6", "publisher", "11")},
		{Request: request("/click", "", "offer", "6", "publisher", "12")},
		{Request: request("/click", "", "offer", "1", "publisher", "11")},
		{Request: request("/", "", "secure", "A", "transaction_id", first, "order_id", "X")},
		{Request: request("/pixel", "a.example", "secure", "A", "transaction_id", second, "order_id", "X")},
		{Request: request("/clickless", "", "secure", "A", "offer", "6", "publisher", "11", "order_id", "X")},
		{Request: request("/", "", "secure", "A", "transaction_id", first, "order_id", "Y")},
		{Request: request("/", "", "secure", "A", "transaction_id", second)},
		{Request: request("/", "", "secure", "A", "transaction_id", other, "order_id", "X")},
	}
	facts := map[int64]Fact{}
	for i := range entries {
		entries[i].Seq = int64(i + 1)
		facts[entries[i].Seq] = Fact{ReceivedAt: at, TransactionID: append([]string{first, second, other}, make([]string, len(entries))...)[i]}
	}
	judged := w.Judge(entries, facts, at)
	keys := map[string]bool{}
	for seq, order := range map[int64]string{4: `offer 6 order "X"`, 5: `offer 6 order "X"`, 6: `offer 6 order "X"`, 7: `offer 6 order "Y"`, 8: "", 9: ""} {
		require.NotNil(t, judged[seq].Claim, "request %d", seq)
		require.Equal(t, order, judged[seq].Claim.Order, "request %d", seq)
		keys[judged[seq].Claim.Key] = true
	}
	require.Len(t, keys, 4, "three clicks and a clickless hit")
}
