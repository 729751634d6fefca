package cli

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/build"
	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
)

// TestAnOrderIsPaidOnceByEachPairOfWaysIn fires the same order by two ways in, for
// each pair of them in either order, and by one way twice, at the same moment.
func TestAnOrderIsPaidOnceByEachPairOfWaysIn(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 2)
	offer := s.NewUniqueOrdersOffer(func(*attribution.Offer) {})
	own, other := s.NewToken(offer), s.NewPublisher()
	ways := map[string]func(order string) answer{
		"postback, global": func(order string) answer {
			return s.get("/", "secure", s.Global, "transaction_id", s.clickOn(offer), "order_id", order)
		},
		"postback, offer-level": func(order string) answer {
			return s.get("/postback", "secure", own, "transaction_id", s.clickOn(offer), "order_id", order)
		},
		"postback, another publisher's click": func(order string) answer {
			return s.get("/", "secure", s.Global, "transaction_id", s.clickOn(offer, "publisher", number(other)), "order_id", order)
		},
		"pixel": func(order string) answer {
			return s.pixel("secure", s.Global, "transaction_id", s.clickOn(offer), "order_id", order)
		},
		"clickless, global": func(order string) answer {
			return s.get("/clickless", "secure", s.Global, "offer", number(offer), "publisher", number(s.Publisher), "order_id", order)
		},
		"clickless, offer-level, own id": func(order string) answer {
			return s.get("/clickless", "secure", own, "publisher", number(s.Publisher), "order_id", order, "external_transaction_id", "E "+order)
		},
		"clickless, another publisher": func(order string) answer {
			return s.get("/clickless", "secure", s.Global, "offer", number(offer), "publisher", number(other), "order_id", " "+order+"\u200B")
		},
	}
	pairs := 0
	fired := map[string][2]answer{}
	for one, fire := range ways {
		for two, again := range ways {
			order := fmt.Sprint("A-", pairs)
			fired[one+" and "+two] = [2]answer{fire(order), again(order)}
			pairs++
		}
	}
	for pair, answers := range fired {
		var converted []string
		final := func(r row) bool { return r.Outcome.Final() }
		rows := [2]row{s.until(answers[0].receipt, final), s.until(answers[1].receipt, final)}
		for i, r := range rows {
			if r.Outcome == outcome.Converted {
				converted = append(converted, answers[i].receipt)
				require.Nil(t, r.DuplicateOf)
			}
		}
		require.Len(t, converted, 1, pair)
		for i, r := range rows {
			if r.Outcome == outcome.Duplicate {
				require.Equal(t, converted[0], r.DuplicateOf.String(), pair)
				require.Contains(t, []outcome.Reason{outcome.DuplicateOrder, outcome.DuplicateSameURL}, r.Reason, answers[i].receipt)
			}
		}
	}
	require.Equal(t, pairs, s.count("conversions WHERE offer_id = $1", offer))
	require.Equal(t, pairs, s.count("(SELECT DISTINCT order_id FROM conversions) AS o"))
	require.NotZero(t, s.count("hits WHERE reason = 'duplicate_order'"))

	// Without an order_id each converts as before, and another offer's orders are its own.
	for range 2 {
		s.becomes(ways["clickless, global"]("").receipt, outcome.Converted)
		s.becomes(ways["postback, global"]("null").receipt, outcome.Converted)
		s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.click(), "order_id", "A-1").receipt, outcome.Converted)
	}
}

// TestAnOrderIsPaidOnceFromWhenTheOfferWasEdited switches unique orders on while
// conversions of that order stand, with a hit that was refused and is replayed, and
// off again. Each worker learns by itself that the offer is paused, and that it is
// not, a moment after the command has ended; whether orders are unique it learns
// from the database in the transaction that writes.
func TestAnOrderIsPaidOnceFromWhenTheOfferWasEdited(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 2)
	edit := func(args ...string) map[string]any {
		t.Helper()
		var view map[string]any
		s.answers(&view, append([]string{"offer", "edit", number(s.Offer)}, args...)...)
		return view
	}
	postback := func(order string) string {
		return s.get("/", "secure", s.Global, "transaction_id", s.click(), "order_id", order).receipt
	}
	// decide fires until a worker decides that has seen whether the offer is paused.
	decide := func(paused bool, fire func() string) (receipt string, decided row) {
		t.Helper()
		for began := time.Now(); time.Since(began) < patience; {
			receipt = fire()
			decided = s.until(receipt, func(r row) bool { return r.Outcome.Final() || r.Outcome == outcome.Rejected })
			if paused == (decided.Reason == outcome.OfferPaused) {
				return receipt, decided
			}
		}
		require.FailNow(t, "no worker has seen the edit")
		return "", row{}
	}
	active := func(order string) (string, row) {
		t.Helper()
		return decide(false, func() string { return postback(order) })
	}

	first, converted := active("A-1")
	require.Equal(t, outcome.Converted, converted.Outcome)
	_, converted = active("A-1")
	require.Equal(t, outcome.Converted, converted.Outcome, "orders are not unique yet")
	edit("--status", "paused")
	// Each has an id of its own: one that converts, because its worker has not seen the
	// edit, does not make a repeat of the one that is refused.
	refused, _ := decide(true, func() string {
		return s.get("/clickless", "secure", s.OfferToken, "publisher", number(s.Publisher), "order_id", "A-1", "external_transaction_id", rand.Text()).receipt
	})

	require.Equal(t, true, edit("--unique-orders", "--status", "active")["unique_orders"])
	_, repeat := active("A-1")
	require.Equal(t, outcome.DuplicateOrder, repeat.Reason)
	require.Equal(t, first, repeat.DuplicateOf.String())
	for began, seen := time.Now(), false; !seen; { // a worker that has not seen the edit refuses it again
		require.Less(t, time.Since(began), patience, "no worker has seen the edit")
		deaths := s.count("dead_letter_events WHERE letter_id = $1 AND event = 'died'", refused)
		s.commandOutput("dead", "replay", refused)
		require.Eventually(t, func() bool {
			seen = s.count("hits WHERE id = $1 AND reason = 'duplicate_order'", refused) == 1
			return seen || s.count("dead_letter_events WHERE letter_id = $1 AND event = 'died'", refused) > deaths
		}, patience, 5*time.Millisecond)
	}
	story := s.commandOutput("trace", refused)
	require.Contains(t, story, outcome.DuplicateOrder.Hint())
	require.Contains(t, story, first)

	own, converted := active("A-2")
	require.Equal(t, outcome.Converted, converted.Outcome)
	_, repeat = active("A-2")
	require.Equal(t, outcome.DuplicateOrder, repeat.Reason)
	require.Equal(t, "off", edit("--no-unique-orders")["unique_orders_state"])
	_, converted = active("A-2")
	require.Equal(t, outcome.Converted, converted.Outcome, "orders are not unique any more")
	s.becomes(own, outcome.Converted)
}

func TestDoctorNamesAnOfferWhoseOrdersAreNotUniqueYet(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	_, err := s.db.Exec("INSERT INTO unique_order_offers (account_id, offer_id, state, began) VALUES ($1, $2, 'filling', 1)", s.ID, s.Offer)
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Len(t, findings["orders"], 1)
	require.Contains(t, findings["orders"][0].Hint, fmt.Sprintf("integr8 offer edit %d --unique-orders", s.Offer))
	require.Contains(t, s.commandOutput("offer", "show", number(s.Offer)), "not unique yet")
	s.commandOutput("offer", "edit", number(s.Offer), "--unique-orders")
	_, findings = s.doctor()
	require.Empty(t, findings["orders"])
}

// TestAWorkerCompletesASwitchWhoseProcessWasKilled while it read the conversions, and not
// before: two never read together.
func TestAWorkerCompletesASwitchWhoseProcessWasKilled(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	binary := filepath.Join(t.TempDir(), "integr8")
	require.NoError(t, build.Program(t.Context(), binary, "cmd/integr8"))
	paid := uuid.Must(uuid.NewV7())
	_, err := s.db.Exec(`INSERT INTO conversions (id, account_id, dedup_key, offer_id, publisher_id, event, status, method, route, revenue, payout, currency, converted_at, order_id)
		VALUES ($1, $2, $1, $3, $4, 'conversion', 'approved', 'postback', 'global', 1, 1, 'USD', now(), 'A-1')`, paid, s.ID, s.Offer, s.Publisher)
	require.NoError(t, err)
	// The switch waits for a transaction that has the order.
	other, err := s.db.Beginx()
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Rollback() }) // has ended unless the test failed before
	_, err = other.Exec("INSERT INTO unique_orders VALUES ($1, $2)", attribution.OrderKey(s.Offer, "A-1"), uuid.New())
	require.NoError(t, err)

	offer := attribution.PartyID{AccountID: s.ID, ID: s.Offer}
	is := func(state string) bool { return s.count("unique_order_offers WHERE state = $1", state) == 1 }
	switching := s.startProcess(binary, "offer", "edit", number(s.Offer), "--unique-orders")
	require.Eventually(t, func() bool {
		var waits bool
		require.NoError(t, s.db.Get(&waits, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'unique_orders')"))
		return waits
	}, patience, time.Millisecond)
	require.True(t, is("filling"))
	completed, err := s.store.GoOnFilling(t.Context(), offer)
	require.NoError(t, err)
	require.False(t, completed, "the first process is about it")

	require.NoError(t, switching.Kill(t.Context()))
	s.startWorker()
	require.NoError(t, other.Rollback())
	require.Eventually(t, func() bool { return is("on") }, patience, 10*time.Millisecond)
	var has uuid.UUID
	require.NoError(t, s.db.Get(&has, "SELECT conversion_id FROM unique_orders WHERE key = $1", attribution.OrderKey(s.Offer, "A-1")))
	require.Equal(t, paid, has)
	completed, err = s.store.GoOnFilling(t.Context(), offer)
	require.NoError(t, err)
	require.False(t, completed, "nothing is left to do")
}
