package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// edit changes how often a click of the offer converts, for clicks from a minute
// ahead.
func (n *network) edit(many bool) {
	n.t.Helper()
	_, err := n.store.EditOffer(context.Background(), n.ID, n.Offer,
		reference.OfferChange{Identity: &attribution.Identity{ManyPerClick: many}})
	require.NoError(n.t, err)
}

// restart replaces the process's caches, but keeps its snapshot.
func (n *network) restart() {
	n.directory = handlers.NewDirectory(n.snapshots, n.store)
	n.postbacks, n.clicks = n.newHandlers()
}

// pass simulates that time passes: it moves all records, and the snapshots of these
// processes, into the past.
func (n *network) pass(d time.Duration, others ...*network) {
	n.t.Helper()
	for _, statement := range []string{
		"UPDATE offer_identity SET since = since - $1::bigint * interval '1 microsecond'",
		"UPDATE clicks SET clicked_at = clicked_at - $1::bigint * interval '1 microsecond', recorded_at = recorded_at - $1::bigint * interval '1 microsecond'",
	} {
		_, err := n.db.Exec(statement, d.Microseconds())
		require.NoError(n.t, err)
	}
	for _, process := range append(others, n) {
		old := process.snapshots.Current()
		moment := old.Moment
		moment.IdentityKnownUntil = old.IdentityKnownUntil.Add(-d)
		aged := new(attribution.Batch)
		for offer := range old.Offers() {
			later := make([]attribution.LaterIdentity, len(offer.Later))
			for i, rules := range offer.Later {
				later[i] = attribution.LaterIdentity{Since: rules.Since.Add(-d), Identity: rules.Identity}
			}
			offer.Later = later
			aged.AddOffer(&offer)
		}
		process.snapshots.mu.Lock()
		process.snapshots.current = old.With(aged).At(moment)
		process.snapshots.mu.Unlock()
		process.restart()
	}
}

// worker is another process over the same database, with a snapshot of its own.
func (n *network) worker() *network {
	another := &network{t: n.t, store: n.store, db: n.db, keys: n.keys, clock: n.clock, Account: n.Account,
		snapshots: &snapshots{current: n.snapshots.Current()}}
	another.restart()
	return another
}

// order is a postback of an order.
func (n *network) order(id token.TransactionID, order string) *hit.Hit {
	h := n.newPostback(n.Global, id)
	h.ReceivedAt = time.Now().UTC().Truncate(time.Millisecond)
	h.Params[hit.ParamOrderID] = order
	return h
}

// becomes handles a hit and returns its outcome.
func (n *network) becomes(h *hit.Hit) string {
	n.t.Helper()
	n.handle(h)
	return n.outcome(h).Outcome
}

func TestAnEditToManyPerClickConvertsNoOrderTwice(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	click := n.click()
	require.Equal(t, "converted", n.becomes(n.order(click, "A-1")))
	n.edit(true)
	n.refresh()
	require.Equal(t, "duplicate", n.becomes(n.order(click, "A-1")))
	n.pass(2 * time.Minute)
	n.refresh()
	require.Equal(t, "duplicate", n.becomes(n.order(click, "A-1")))
	require.Equal(t, "duplicate", n.becomes(n.order(click, "A-2")), "the click keeps its rule")

	next := n.click()
	require.Equal(t, "converted", n.becomes(n.order(next, "A-1")))
	require.Equal(t, "converted", n.becomes(n.order(next, "A-2")), "a later click has the new one")
	require.Equal(t, 3, n.count("conversions"))
}

func TestAnEditToOnePerClickConvertsNoOrderTwice(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.Offer = n.NewOffer(func(o *attribution.Offer) { o.Identity.ManyPerClick = true })
	n.refresh()
	click := n.click()
	require.Equal(t, "converted", n.becomes(n.order(click, "A-1")))
	n.edit(false)
	n.pass(2 * time.Minute)
	n.refresh()
	require.Equal(t, "duplicate", n.becomes(n.order(click, "A-1")))
	require.Equal(t, "converted", n.becomes(n.order(click, "A-2")), "the click keeps its rule")
	require.Equal(t, "rejected", n.becomes(n.newPostback(n.Global, click)), "and needs an order_id")

	next := n.click()
	require.Equal(t, "converted", n.becomes(n.newPostback(n.Global, next)))
	require.Equal(t, "duplicate", n.becomes(n.order(next, "A-1")))
	require.Equal(t, 3, n.count("conversions"))
}

func TestADuplicateThatWasRefusedWhilePausedStaysOneAfterAnEdit(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	click := n.click()
	require.Equal(t, "converted", n.becomes(n.order(click, "A-1")))
	set := func(status attribution.Status) {
		_, err := n.store.EditOffer(t.Context(), n.ID, n.Offer, reference.OfferChange{Status: &status})
		require.NoError(t, err)
		n.refresh()
	}
	set(attribution.Paused)
	refused := n.order(click, "A-1")
	require.Equal(t, "rejected", n.becomes(refused))
	n.edit(true)
	n.pass(2 * time.Minute)
	set(attribution.Active)
	require.Equal(t, "duplicate", n.becomes(refused), "replayed")
	require.Equal(t, 1, n.count("conversions"))
}

// TestAWorkerThatMissedAnEditDecidesByIt: one of two workers keeps the snapshot
// from before the edit for longer than a minute.
func TestAWorkerThatMissedAnEditDecidesByIt(t *testing.T) {
	t.Parallel()
	for _, many := range []bool{true, false} {
		t.Run(fmt.Sprintf("many per click %t", many), func(t *testing.T) {
			n := newNetwork(t)
			n.Offer = n.NewOffer(func(o *attribution.Offer) { o.Identity.ManyPerClick = !many })
			n.refresh()
			stale := n.worker()
			n.edit(many)
			n.pass(2*time.Minute, stale)
			n.refresh()
			click := n.click()
			require.Equal(t, "converted", stale.becomes(stale.order(click, "A-1")))
			require.Equal(t, "duplicate", n.becomes(n.order(click, "A-1")))
			second := map[bool]string{true: "converted", false: "duplicate"}[many]
			require.Equal(t, second, stale.becomes(stale.order(click, "A-2")))
			require.Equal(t, "duplicate", n.becomes(n.order(click, "A-2")))
		})
	}
}

// unfindable is a database whose look-ups of offers fail.
type unfindable struct{ *store.Store }

func (unfindable) FindOffers(context.Context, []attribution.PartyID) (map[attribution.PartyID]attribution.Offer, error) {
	return nil, failure.Unavailable(context.DeadlineExceeded)
}

func TestAWorkerThatMayHaveMissedAnEditHoldsNewClicksAndDecidesOldOnes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	old := n.click()
	n.pass(2 * time.Minute)
	recent := n.click()
	n.directory = handlers.NewDirectory(n.snapshots, unfindable{n.store})
	n.postbacks, n.clicks = n.newHandlers()
	require.Equal(t, "converted", n.becomes(n.order(old, "A-1")))
	held := n.order(recent, "A-1")
	require.Equal(t, failure.Outage, failure.Of(n.tryHandle(held)))
	require.Zero(t, n.count("hits WHERE id = $1", held.ID))
	n.restart()
	require.Equal(t, "converted", n.becomes(held))
}

// TestAClickOfAReceiverAheadIsDecidedAtOnce: its rules are those at which the
// database recorded it, so that it need not wait until its own time has come.
func TestAClickOfAReceiverAheadIsDecidedAtOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	n.clock = n.clock.Add(time.Hour)
	ahead := n.click()
	h := n.order(ahead, "A-1")
	h.ReceivedAt = n.clock
	require.Equal(t, "converted", n.becomes(h))
	clickless := n.newHit(hit.Clickless)
	clickless.TokenDigest = token.DigestOf(n.Global)
	clickless.Params[hit.ParamOffer], clickless.Params[hit.ParamPublisher] = fmt.Sprint(n.Offer), fmt.Sprint(n.Publisher)
	require.Equal(t, "converted", n.becomes(clickless))
	n.edit(true)
	n.pass(2 * time.Minute)
	n.refresh()
	require.Equal(t, "duplicate", n.becomes(n.order(ahead, "A-2")), "the edit came after the click")
}

// TestNoIdentityConvertsTwiceWhateverIsEditedMeanwhile edits, clicks, converts,
// replays and lets time go by at random, over workers that refresh their
// snapshots now and then.
func TestNoIdentityConvertsTwiceWhateverIsEditedMeanwhile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 14))
			n := newNetwork(t)
			n.refresh()
			workers := []*network{n, n.worker(), n.worker()}
			one := func() *network { return workers[random.IntN(len(workers))] }
			orders := []string{"A-1", "A-2", ""}
			var clicks []token.TransactionID
			var hits []*hit.Hit
			for range 250 {
				switch choice := random.IntN(20); {
				case choice < 2:
					n.edit(random.IntN(2) == 0)
				case choice < 3:
					status := []attribution.Status{attribution.Active, attribution.Active, attribution.Paused}[random.IntN(3)]
					_, err := n.store.EditOffer(t.Context(), n.ID, n.Offer, reference.OfferChange{Status: &status})
					require.NoError(t, err)
				case choice < 6:
					n.pass(time.Duration(random.IntN(50))*time.Second, workers[1:]...)
				case choice < 8:
					one().refresh()
				case choice < 11 || len(clicks) == 0:
					w := one()
					w.clock = time.Now().UTC().Truncate(time.Millisecond)
					clicks = append(clicks, w.click())
				case choice < 17 || len(hits) == 0:
					recent := max(len(clicks)-4, 0)
					w := one()
					h := w.order(clicks[recent+random.IntN(len(clicks)-recent)], orders[random.IntN(len(orders))])
					hits = append(hits, h)
					w.handle(h)
				default:
					one().handle(hits[random.IntN(len(hits))])
				}
			}

			// Everything is decided again with the final state.
			active := attribution.Active
			_, err := n.store.EditOffer(t.Context(), n.ID, n.Offer, reference.OfferChange{Status: &active})
			require.NoError(t, err)
			n.pass(2 * time.Minute)
			n.refresh()
			n.restart()
			offer, _ := n.snapshots.Current().Offer(n.Offer)
			found, err := n.store.Clicks(t.Context(), clicks)
			require.NoError(t, err)
			wanted, got := map[string]int{}, map[string]int{}
			for _, h := range hits {
				n.handle(h)
				identity := h.TransactionID.String()
				if offer.IdentityAt(found[h.TransactionID].RulesAt).ManyPerClick {
					if h.Params[hit.ParamOrderID] == "" {
						continue // is refused for that
					}
					identity += " " + h.Params[hit.ParamOrderID]
				}
				wanted[identity] = 1
				if n.outcome(h).Outcome == "converted" {
					got[identity]++
				}
			}
			require.Equal(t, wanted, got)
			require.Equal(t, len(wanted), n.count("conversions"))
			require.NotEmpty(t, offer.Later)
		})
	}
}

// countedOffers counts the look-ups of offers.
type countedOffers struct {
	*store.Store
	looks *atomic.Int32
}

func (c countedOffers) FindOffers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Offer, error) {
	c.looks.Add(1)
	return c.Store.FindOffers(ctx, ids)
}

// TestAClicklessHitOfAReceiverAheadNeedsNoLookUp: no rule of identity is about it.
func TestAClicklessHitOfAReceiverAheadNeedsNoLookUp(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	n.clock = n.clock.Add(time.Hour)
	var looks atomic.Int32
	n.directory = handlers.NewDirectory(n.snapshots, countedOffers{n.store, &looks})
	n.postbacks, n.clicks = n.newHandlers()
	for range 3 {
		h := n.newHit(hit.Clickless)
		h.TokenDigest = token.DigestOf(n.Global)
		h.Params[hit.ParamOffer], h.Params[hit.ParamPublisher] = fmt.Sprint(n.Offer), fmt.Sprint(n.Publisher)
		require.Equal(t, "converted", n.becomes(h))
	}
	require.Zero(t, looks.Load())
}
