package handlers_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// refusedPostback is a postback as a door without the secret that signed its
// id records it.
func (n *network) refusedPostback(refusal outcome.Reason, transactionID string) *hit.Hit {
	h := n.newPostback(n.Global, token.TransactionID{})
	h.Params[hit.ParamTransactionID] = transactionID
	h.Refusal = refusal
	return h
}

func TestAGenuineIDThatADoorRefusedConvertsOnce(t *testing.T) {
	t.Parallel()
	for _, refusal := range []outcome.Reason{outcome.UnverifiedTransactionID, outcome.MalformedTransactionID} {
		t.Run(string(refusal), func(t *testing.T) {
			n := newNetwork(t)
			id := n.click()
			refused := n.refusedPostback(refusal, id.String())
			n.handle(refused)
			require.Equal(t, "converted", n.outcome(refused).Outcome)
			require.Empty(t, n.deadLetter(refused))
			require.Equal(t, 1, n.count("hits WHERE id = $1 AND transaction_id = $2", refused.ID, id.UUID()))

			// The sender, who got 400, sends the request again; and the broker
			// delivers the first one again.
			again := n.newPostback(n.Global, id)
			n.handle(again)
			require.Equal(t, "duplicate", n.outcome(again).Outcome)
			redelivered, err := hit.Decode(requestOf(t, n, refused))
			require.NoError(t, err)
			n.handle(redelivered)
			require.Equal(t, "converted", n.outcome(refused).Outcome)
			require.Equal(t, 1, n.count("conversions"))
		})
	}
}

// requestOf returns the request that is stored with a hit.
func requestOf(t *testing.T, n *network, h *hit.Hit) []byte {
	t.Helper()
	var request []byte
	require.NoError(t, n.db.Get(&request, "SELECT request FROM hits WHERE id = $1", h.ID))
	return request
}

func TestAReplayVerifiesARefusedIDWithTheKeysOfTheWorker(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	all := n.keys
	n.keys, _ = token.ParseKeys("a secret that signed nothing")
	n.postbacks, n.clicks = n.newHandlers()
	h := n.refusedPostback(outcome.UnverifiedTransactionID, id.String())
	n.handle(h)
	require.Equal(t, "unverified_transaction_id", n.outcome(h).Reason)
	require.Equal(t, "open unverified_transaction_id", n.deadLetter(h))

	n.keys = all
	n.postbacks, n.clicks = n.newHandlers()
	replayed, err := hit.Decode(requestOf(t, n, h))
	require.NoError(t, err)
	n.handle(replayed)
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Equal(t, "resolved unverified_transaction_id", n.deadLetter(h))
	require.Equal(t, 1, n.count("hits WHERE id = $1 AND transaction_id = $2", h.ID, id.UUID()))
	require.Equal(t, 1, n.count("conversions"))
}

func TestARefusedIDWhoseClickIsLateWaitsForIt(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	late := n.newClick()
	h := n.refusedPostback(outcome.UnverifiedTransactionID, late.TransactionID.String())
	n.handle(h)
	require.Equal(t, "waiting", n.outcome(h).Outcome)
	n.handle(late)
	require.Equal(t, "converted", n.outcome(h).Outcome)
}

// TestARefusedHitStaysRefusedByTheSameRules sends hits that doors of this
// version refuse, by value and by form.
func TestARefusedHitStaysRefusedByTheSameRules(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	typo := []byte(id.String())
	typo[20] = map[bool]byte{true: '1', false: '0'}[typo[20] == '0'] // another digit
	mended := func(h *hit.Hit, name, value string) *hit.Hit {
		if name == "" {
			h.Notes = []string{value}
		} else {
			h.Params[name] = value
		}
		return h
	}
	clickless := func(refusal outcome.Reason, params ...string) *hit.Hit {
		h := n.newHit(hit.Clickless)
		h.TokenDigest, h.Refusal = token.DigestOf(n.Global), refusal
		h.Params[hit.ParamOffer], h.Params[hit.ParamPublisher] = itoa(n.Offer), itoa(n.Publisher)
		for i := 0; i < len(params); i += 2 {
			h.Params[params[i]] = params[i+1]
		}
		return h
	}
	for _, h := range []*hit.Hit{
		n.refusedPostback(outcome.UnverifiedTransactionID, string(typo)),
		n.refusedPostback(outcome.MalformedTransactionID, id.String()[:31]),
		n.refusedPostback(outcome.PlaceholderTransaction, "{clickid}"),
		n.refusedPostback(outcome.MissingTransactionID, ""),
		n.refusedPostback(outcome.RepeatedParameter, id.String()), // the other value is not known
		n.refusedPostback(outcome.MalformedRequest, id.String()),
		mended(n.refusedPostback(outcome.InvalidText, id.String()), hit.ParamOrderID, "caf\uFFFD"),
		mended(n.refusedPostback(outcome.ValueTooLong, id.String()), hit.ParamOrderID, "A[sha256:"+strings.Repeat("0", 64)+"]"),
		mended(n.refusedPostback(outcome.InvalidText, id.String()), "", "1 other parameter was not kept"),
		mended(n.refusedPostback(outcome.ValueTooLong, id.String()), "", "7 other parameters were dropped, the request is too large"),
		// It could not be distinguished from the sender's next one.
		clickless(outcome.InvalidConversionIP, hit.ParamConversionIP, "192.0.2.1"),
	} {
		want := string(h.Refusal)
		if _, refusal := n.keys.Verify(h.Params[hit.ParamTransactionID]); refusal == nil {
			require.NotEmpty(t, h.Stands(), "%s, and the operator is told why", want)
		}
		n.handle(h)
		require.Equal(t, "rejected "+want, n.outcome(h).Outcome+" "+n.outcome(h).Reason)
	}
	require.Zero(t, n.count("conversions"))
}

// TestHitsThatEarlierDoorsRefusedAreDecidedAgain handles hits as doors of earlier
// versions recorded them, with refusals that no longer exist.
func TestHitsThatEarlierDoorsRefusedAreDecidedAgain(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	for name, refused := range map[string]struct {
		kind    hit.Kind
		refusal outcome.Reason
		params  [2]string
	}{
		"an amount under fixed terms":  {hit.Postback, outcome.InvalidAmount, [2]string{hit.ParamRevenue, "2,000.00"}},
		"a currency under fixed terms": {hit.Postback, outcome.UnknownCurrency, [2]string{hit.ParamCurrency, "ZZZ"}},
		"Latin-1 in a label":           {hit.Postback, outcome.InvalidText, [2]string{hit.ParamSubID, "caf\uFFFD"}},
		"a label that was cut":         {hit.Postback, outcome.ValueTooLong, [2]string{hit.ParamAdvSubID, strings.Repeat("x", 2048)}},
		"a time":                       {hit.Clickless, outcome.InvalidSessionTime, [2]string{hit.ParamSessionTime, "2026-01-01 10:00:00"}},
		"no time":                      {hit.Clickless, outcome.InvalidSessionTime, [2]string{hit.ParamSessionTime, "noon"}},
		"an address with its port":     {hit.Clickless, outcome.InvalidConversionIP, [2]string{hit.ParamConversionIP, "203.0.113.7:51234"}},
		"an address that had no room":  {hit.Clickless, outcome.InvalidConversionIP, [2]string{hit.ParamSubID, "s"}},
		"no e-mail address":            {hit.Clickless, outcome.InvalidEmail, [2]string{hit.ParamUserEmail, "[not an e-mail address]"}},
		"a currency without an amount": {hit.Clickless, outcome.UnknownCurrency, [2]string{hit.ParamCurrency, "ZZZ"}},
	} {
		t.Run(name, func(t *testing.T) {
			n.t = t
			h := n.refusedPostback(refused.refusal, n.click().String())
			if refused.kind == hit.Clickless {
				h = n.newClickless(n.Global, map[string]string{"offer": itoa(n.Offer), "publisher": itoa(n.Publisher), "order_id": name})
				h.Refusal = refused.refusal
			}
			h.Params[refused.params[0]] = refused.params[1]
			require.Empty(t, h.Stands())
			n.handle(h)
			require.Equal(t, "converted", n.outcome(h).Outcome, n.outcome(h).Reason)
			require.Zero(t, n.count("conversions WHERE id = $1 AND user_email_hash IS NOT NULL", h.ID))
			n.handle(h)
			require.Equal(t, 1, n.count("conversions WHERE id = $1", h.ID))
		})
	}
}

func TestARefusedHitThatStaysRefusedGetsTheCurrentReason(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	h := n.refusedPostback(outcome.UnverifiedTransactionID, "{clickid}")
	n.handle(h)
	require.Equal(t, "placeholder_transaction_id", n.outcome(h).Reason)
}
