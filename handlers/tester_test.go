package handlers_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/pipeline/worker"
)

// marked marks a hit as a test of the account, as a door does.
func (n *network) marked(h *hit.Hit) *hit.Hit {
	h.TestAccount = n.ID
	return h
}

// isTest reports what the row of a hit says.
func (n *network) isTest(h *hit.Hit) (test bool) {
	n.t.Helper()
	require.NoError(n.t, n.db.Get(&test, "SELECT test FROM hits WHERE id = $1", h.ID))
	return test
}

// requireCounted demands how many hits the roll-ups count, and that they equal the rows.
func (n *network) requireCounted(hits int) {
	n.t.Helper()
	var counted int
	require.NoError(n.t, n.db.Get(&counted, "SELECT coalesce(sum(hits), 0) FROM rollup_deltas"))
	require.Equal(n.t, hits, counted)
	found, _, err := n.store.RollupDifferences(n.t.Context(), n.clock.Truncate(15*time.Minute), 10)
	require.NoError(n.t, err)
	require.Empty(n.t, found)
}

func TestATestNeverTakesTheOrderOfASale(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	offer := n.NewUniqueOrdersOffer(func(*attribution.Offer) {})
	clickless := func() *hit.Hit {
		return n.newClickless(n.Global, map[string]string{"offer": itoa(offer), "publisher": itoa(n.Publisher), "order_id": "A-1"})
	}
	click := func() *hit.Hit {
		h := n.newClick()
		h.OfferID = offer
		return h
	}
	sold := func(h *hit.Hit) *hit.Hit {
		h.Params[hit.ParamOrderID] = "A-2"
		return h
	}
	testClick, realClick, second := n.marked(click()), click(), click()
	for _, h := range []*hit.Hit{testClick, realClick, second} {
		n.handle(h)
	}
	testSale, sale := n.marked(clickless()), clickless()
	testOrder := n.marked(sold(n.newPostback(n.Global, testClick.TransactionID)))
	order, repeat := sold(n.newPostback(n.Global, realClick.TransactionID)), sold(n.newPostback(n.Global, second.TransactionID))
	again := n.marked(clickless())
	for h, want := range map[*hit.Hit]string{testSale: "converted", testOrder: "converted"} {
		n.handle(h)
		require.Equal(t, want, n.outcome(h).Outcome)
	}
	require.Zero(t, n.count("unique_orders"))
	n.handle(sale)
	n.handle(order)
	require.Equal(t, "converted", n.outcome(sale).Outcome, "the test with the same ids took nothing")
	require.Equal(t, "converted", n.outcome(order).Outcome)
	n.handle(repeat)
	require.Equal(t, "duplicate_order", n.outcome(repeat).Reason, "and a sale still takes its order")
	n.handle(again)
	require.Equal(t, "duplicate", n.outcome(again).Outcome, "a test repeats a test")
	require.Equal(t, testSale.ID, *n.outcome(again).DuplicateOf)
	require.Equal(t, 2, n.count("unique_orders"))
	require.Equal(t, 2, n.count("conversions WHERE test"))
	require.Equal(t, 2, n.count("conversions WHERE NOT test"))
}

// An offer is switched to unique orders after a test has converted: the order is free.
func TestATestThatConvertedBeforeTakesNoOrderEither(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	test := n.marked(n.newClickless(n.Global, map[string]string{"offer": itoa(n.Offer), "publisher": itoa(n.Publisher), "order_id": "A-1"}))
	n.handle(test)
	require.NoError(t, n.store.SetUniqueOrders(context.Background(), n.ID, n.Offer, true, nil))
	require.Zero(t, n.count("unique_orders"))
}

func TestAMarkedPostbackNeverUsesUpARealClick(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	test := n.marked(n.newPostback(n.Global, id))
	n.handle(test)
	require.Equal(t, "test_of_real_click", n.outcome(test).Reason)
	require.True(t, n.isTest(test))
	require.Equal(t, "open test_of_real_click", n.deadLetter(test))
	require.Equal(t, 1, n.count("dead_letters WHERE test"))
	require.Zero(t, n.count("conversions"))
	sale := n.newPostback(n.Global, id)
	n.handle(sale)
	require.Equal(t, "converted", n.outcome(sale).Outcome)
	require.False(t, n.isTest(sale))
	n.handle(test)
	require.Equal(t, "test_of_real_click", n.outcome(test).Reason, "a replay changes nothing")
	n.requireCounted(2)
}

// The mark of one account does nothing in another, whose token the hit carries: it can
// hide nobody's sale.
func TestAMarkOfAnotherAccountMarksNothing(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	click.TestAccount = n.ID + 1
	n.handle(click)
	sale := n.newPostback(n.Global, click.TransactionID)
	sale.TestAccount = n.ID + 1
	n.handle(sale)
	require.Equal(t, "converted", n.outcome(sale).Outcome)
	require.Zero(t, n.count("hits WHERE test")+n.count("clicks WHERE test")+n.count("conversions WHERE test"))
	n.requireCounted(2)
}

// A hit may turn out to be a test when its click comes, and then leaves the roll-ups.
func TestATestWhoseClickIsLateStaysATest(t *testing.T) {
	t.Parallel()
	for name, mark := range map[string]func(*network, *hit.Hit) *hit.Hit{
		"marked": (*network).marked, "by its click alone": func(_ *network, h *hit.Hit) *hit.Hit { return h },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t)
			click := n.marked(n.newClick())
			early := mark(n, n.newPostback(n.Global, click.TransactionID))
			n.handle(early)
			require.Equal(t, "waiting", n.outcome(early).Outcome)
			n.handle(click)
			require.Equal(t, "converted", n.outcome(early).Outcome)
			require.True(t, n.isTest(early))
			require.Equal(t, 1, n.count("conversions WHERE test"))
			n.requireCounted(0)
			n.handle(early) // a redelivery
			require.True(t, n.isTest(early))
			n.requireCounted(0)
		})
	}
}

// A hit keeps being a test when it is given up, found unreadable while it waits, or decided
// again after retention has dropped its click.
func TestATestThatDiesStaysATest(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	failed := n.marked(n.newPostback(n.Global, n.keys.Mint(n.clock)))
	request, err := failed.Encode()
	require.NoError(t, err)
	archiver := handlers.NewArchiver(n.store, n.snapshots, nil)
	require.NoError(t, archiver.Archive(t.Context(), failed, worker.DeadLetter{ID: failed.ID, Payload: request, Reason: outcome.HandlerFailed, Error: "x", Attempts: 1}))
	require.True(t, n.isTest(failed))

	waiting := n.marked(n.newPostback(n.Global, n.keys.Mint(n.clock)))
	n.handle(waiting)
	require.NoError(t, n.store.DeadLetterWait(t.Context(), attribution.Wait{TransactionID: waiting.TransactionID.UUID(), HitID: waiting.ID}, "x"))
	require.Equal(t, "failed", n.outcome(waiting).Outcome)
	require.Equal(t, 2, n.count("dead_letters WHERE test"))

	click := n.marked(n.newClick())
	n.handle(click)
	_, err = n.db.Exec("UPDATE offers SET status = 'paused' WHERE id = $1", n.Offer)
	require.NoError(t, err)
	n.refresh()
	paused := n.newPostback(n.Global, click.TransactionID)
	n.handle(paused)
	require.Equal(t, "offer_paused", n.outcome(paused).Reason)
	_, err = n.db.Exec("DELETE FROM clicks WHERE transaction_id = $1", click.TransactionID.UUID())
	require.NoError(t, err)
	n.handle(paused)
	require.Equal(t, "waiting", n.outcome(paused).Outcome)
	require.True(t, n.isTest(paused), "it names the click of a test, whatever has become of that")
	n.requireCounted(0)
}

// What a token says decides: without one the hit is nobody's, and counts as it would.
func TestAMarkedHitWithAnUnknownTokenIsATestOnceTheTokenIsKnown(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.marked(n.newClick())
	n.handle(click)
	stray := n.marked(n.newPostback("a token of another system", click.TransactionID))
	n.handle(stray)
	require.Equal(t, "unknown_token", n.outcome(stray).Reason)
	require.False(t, n.isTest(stray))
	n.requireCounted(1)
	stray.TokenDigest = token.DigestOf(n.Global)
	n.handle(stray)
	require.Equal(t, "converted", n.outcome(stray).Outcome)
	require.True(t, n.isTest(stray))
	n.requireCounted(0)
}
