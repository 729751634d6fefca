package handlers_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// watched counts the queries of handlers, and can make single look-ups fail or wait.
type watched struct {
	*store.Store

	mu       sync.Mutex
	offers   int
	parties  int
	queries  int
	failed   int // Writes
	refuses  int64
	holds    int64
	holding  chan struct{} // closed when the look-up that is held has begun
	released chan struct{}
}

// watch makes the network's handlers use the returned database.
func (n *network) watch() *watched {
	w := &watched{Store: n.store, holding: make(chan struct{}), released: make(chan struct{})}
	n.directory = handlers.NewDirectory(n.snapshots, w)
	options := n.options()
	options.Records = w
	n.postbacks = handlers.NewPostbacks(options)
	n.clicks = handlers.NewClicks(options, n.postbacks)
	return w
}

func (w *watched) FindOffers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Offer, error) {
	has := func(id int64) bool {
		return slices.ContainsFunc(ids, func(asked attribution.PartyID) bool { return asked.ID == id })
	}
	w.mu.Lock()
	w.offers += len(ids)
	w.parties += len(ids)
	w.queries++
	w.mu.Unlock()
	if has(w.refuses) {
		return nil, &pq.Error{Code: "22003", Message: "value is out of range"}
	}
	if has(w.holds) {
		close(w.holding)
		<-w.released
	}
	return w.Store.FindOffers(ctx, ids)
}

func (w *watched) FindPublishers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Publisher, error) {
	w.mu.Lock()
	w.parties += len(ids)
	w.queries++
	w.mu.Unlock()
	return w.Store.FindPublishers(ctx, ids)
}

func (w *watched) FindTokens(ctx context.Context, digests []token.Digest) (map[token.Digest]attribution.Token, error) {
	w.mu.Lock()
	w.queries++
	w.mu.Unlock()
	return w.Store.FindTokens(ctx, digests)
}

func (w *watched) Write(ctx context.Context, records []*attribution.Record) error {
	err := w.Store.Write(ctx, records)
	if err != nil {
		w.mu.Lock()
		w.failed++
		w.mu.Unlock()
	}
	return err
}

func (n *network) newClickless(secure string, params map[string]string) *hit.Hit {
	h := n.newHit(hit.Clickless)
	h.TokenDigest, h.Params = token.DigestOf(secure), params
	return h
}

func TestEachNumberThatADoorTakesHasItsOutcome(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	numbers := []int64{1<<31 - 1, 1 << 31, 1<<32 + 1, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64}
	decide := func(t *testing.T, h *hit.Hit, want outcome.Reason) {
		t.Helper()
		require.NoError(t, n.tryHandle(h))
		require.Equal(t, string(want), n.outcome(h).Reason)
	}
	for _, snapshot := range []string{"empty", "loaded"} {
		t.Run(snapshot, func(t *testing.T) {
			for _, number := range numbers {
				offer := map[string]string{"offer": itoa(number), "publisher": itoa(n.Publisher)}
				publisher := map[string]string{"offer": itoa(n.Offer), "publisher": itoa(number)}
				both := map[string]string{"offer": itoa(number), "publisher": itoa(number)}
				decide(t, n.newClickless(n.Global, offer), outcome.UnknownOffer)
				decide(t, n.newClickless(n.Global, publisher), outcome.UnknownPublisher)
				decide(t, n.newClickless(n.Global, both), outcome.UnknownOffer)
				decide(t, n.newClickless(n.OfferToken, offer), outcome.WrongOffer)
				decide(t, n.newClickless(n.OfferToken, publisher), outcome.UnknownPublisher)
				decide(t, n.newClickless("nobody's", both), outcome.UnknownToken)

				click := n.newClick()
				click.PublisherID = number
				decide(t, click, outcome.UnknownPublisher)
				// The door knows the offers that it sends visitors to, but it may still
				// know an offer that no longer exists.
				click = n.newClick()
				click.OfferID = number
				decide(t, click, outcome.NoReason)
				decide(t, n.newPostback(n.Global, click.TransactionID), outcome.UnknownOffer)
				pixel := n.newPostback(n.Global, click.TransactionID)
				pixel.Kind, pixel.AccountID = hit.Pixel, n.ID
				decide(t, pixel, outcome.UnknownOffer)
				pixel = n.newPostback(n.Global, click.TransactionID)
				pixel.Kind, pixel.AccountID = hit.Pixel, number
				decide(t, pixel, outcome.WrongDomain)
			}
		})
		n.refresh()
	}
}

func TestALookUpThatFailsFailsItsOwnHitAlone(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	w := n.watch()
	w.refuses = n.Offer + 1
	click := n.newClick()
	click.OfferID = w.refuses
	n.handle(click)
	bad := []*hit.Hit{
		n.newClickless(n.Global, map[string]string{"offer": itoa(w.refuses), "publisher": itoa(n.Publisher)}),
		n.newPostback(n.Global, click.TransactionID), // known only from its click
	}
	var good []*hit.Hit
	for range 40 {
		good = append(good, n.newPostback(n.Global, n.click()),
			n.newClickless(n.OfferToken, map[string]string{"publisher": itoa(n.Publisher)}))
	}
	var handling sync.WaitGroup
	for _, h := range bad {
		handling.Go(func() { require.Error(t, n.tryHandle(h)) })
	}
	for _, h := range good {
		handling.Go(func() { n.handle(h) })
	}
	handling.Wait()
	require.Zero(t, w.failed, "batches that failed")
	for _, h := range good {
		require.Equal(t, "converted", n.outcome(h).Outcome)
	}
}

func TestAHitThatMustBeLookedUpDelaysNoNeighbour(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	w := n.watch()
	w.holds = n.NewOffer(func(*attribution.Offer) {}) // not in the snapshot
	click := n.newClick()
	click.OfferID = w.holds
	n.handle(click)
	slow := n.newPostback(n.Global, click.TransactionID)
	var handling sync.WaitGroup
	handling.Go(func() { n.handle(slow) })
	<-w.holding
	for range 5 {
		h := n.newPostback(n.Global, n.click())
		n.handle(h)
		require.Equal(t, "converted", n.outcome(h).Outcome)
	}
	require.Zero(t, n.count("hits WHERE id = $1", slow.ID), "a hit that is looked up is not decided")
	close(w.released)
	handling.Wait()
	require.Equal(t, "converted", n.outcome(slow).Outcome)
	require.Equal(t, 1, n.outcome(slow).Decisions)
}

func TestAPostbackWhosePartiesDoNotExistIsDecidedAllTheSame(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	w := n.watch()
	click := n.newClick()
	click.OfferID = n.Offer + 1000
	early := n.newPostback(n.Global, click.TransactionID)
	n.handle(early)
	n.handle(click)
	require.Equal(t, "unknown_offer", n.outcome(early).Reason)
	h := n.newPostback(n.Global, click.TransactionID)
	n.handle(h)
	require.Equal(t, "unknown_offer", n.outcome(h).Reason)
	require.Equal(t, 1, w.offers, "what does not exist is remembered")
}

func TestNothingIsLookedUpForAHitThatIsRefusedAnyway(t *testing.T) {
	t.Parallel()
	n := newNetwork(t) // its snapshot is empty: everything would be looked up
	click := n.newClick()
	n.handle(click)
	w := n.watch()
	named := map[string]string{"offer": itoa(n.Offer), "publisher": itoa(n.Publisher)}
	refused := n.newClickless(n.Global, named)
	refused.Refusal = outcome.InvalidAmount
	paused := n.newClick()
	paused.Refusal = outcome.OfferPaused
	badID := n.newPostback(n.Global, click.TransactionID)
	badID.Refusal = outcome.RepeatedParameter
	for _, h := range []*hit.Hit{
		refused, paused, badID, n.newClickless("nobody's", named), n.newPostback("nobody's", click.TransactionID),
		n.newPostback(n.Global, n.keys.Mint(n.clock)),
	} {
		n.handle(h)
		require.NotEmpty(t, n.outcome(h).Reason)
	}
	require.Equal(t, n.ID, n.outcome(refused).AccountID)
	require.Zero(t, w.parties)
}

func TestAWaitingHitThatCannotBeReadFailsItsOwnClickAlone(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	w := n.watch()
	click := n.newClick()
	unreadable := n.newPostback(n.Global, click.TransactionID)
	n.handle(unreadable)
	_, err := n.db.Exec(`UPDATE hits SET request = '{"kind": "of a later version"}' WHERE id = $1`, unreadable.ID)
	require.NoError(t, err)
	var handling sync.WaitGroup
	for range 30 {
		h := n.newClick()
		handling.Go(func() { n.handle(h) })
	}
	handling.Go(func() { _ = n.tryHandle(click) })
	handling.Wait()
	require.Equal(t, 31, n.count("clicks"))
	require.Equal(t, 31, n.count("hits WHERE outcome = 'recorded' AND decisions = 1"))
	require.Zero(t, w.failed)
}

// When a tenant or a stranger invents an offer, a publisher or a token for each hit,
// a few queries look up all of them.
func TestInventedNamesShareAFewQueries(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	w := n.watch()
	const hits = 400
	var handling sync.WaitGroup
	for i := range int64(hits) {
		click := n.newClick()
		click.PublisherID = n.Publisher + 1 + i
		for _, h := range []*hit.Hit{
			click,
			n.newClickless(n.Global, map[string]string{"offer": itoa(n.Offer + 1 + i), "publisher": itoa(n.Publisher)}),
			n.newClickless(n.OfferToken, map[string]string{"publisher": itoa(n.Publisher + 1 + i)}),
			n.newClickless("made up "+itoa(i), map[string]string{"offer": itoa(n.Offer), "publisher": itoa(n.Publisher)}),
		} {
			handling.Go(func() { n.handle(h) })
		}
	}
	handling.Wait()
	require.Equal(t, hits, n.count("hits WHERE reason = 'unknown_offer'"))
	require.Equal(t, 2*hits, n.count("hits WHERE reason = 'unknown_publisher'"))
	require.Equal(t, hits, n.count("hits WHERE reason = 'unknown_token'"))
	require.Less(t, w.queries, hits, "for %d hits", 4*hits)
}

// A result that was evicted from the cache is looked up again: it does not count as not
// found.
func TestALookUpFindsWhatExistsHoweverManyAreAskedFor(t *testing.T) {
	t.Parallel()
	n := newNetwork(t) // its snapshot is empty
	publishers := make([]int64, 50)
	for i := range publishers {
		publishers[i] = n.NewPublisher()
	}
	var handling sync.WaitGroup
	for i := range 1000 {
		h := n.newClick()
		h.PublisherID = publishers[i%len(publishers)]
		if i%2 == 0 {
			h.PublisherID = 1_000_000 + int64(i)
		}
		handling.Go(func() { n.handle(h) })
	}
	handling.Wait()
	require.Equal(t, 500, n.count("hits WHERE outcome = 'recorded'"))
	require.Equal(t, 500, n.count("hits WHERE reason = 'unknown_publisher'"))
}

// commitsMeasured returns how many bytes the largest commit had.
type commitsMeasured struct {
	*store.Store

	mu      sync.Mutex
	largest int
	commits int
}

func (c *commitsMeasured) Write(ctx context.Context, records []*attribution.Record) error {
	size := 0
	for _, r := range records {
		size += len(r.Request)
	}
	c.mu.Lock()
	c.largest, c.commits = max(c.largest, size), c.commits+1
	c.mu.Unlock()
	return c.Store.Write(ctx, records)
}

func TestACommitIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	measured := &commitsMeasured{Store: n.store}
	options := n.options()
	options.Records = measured
	postbacks := handlers.NewPostbacks(options)
	const hits = 600
	var group sync.WaitGroup
	for range hits {
		h := n.newHit(hit.Postback)
		h.TokenDigest, h.TransactionID = token.DigestOf(n.Global), n.keys.Mint(h.ReceivedAt)
		h.Params = map[string]string{"blown": strings.Repeat("x", hit.MaxBytes-1024)}
		request, err := h.Encode()
		require.NoError(t, err)
		group.Go(func() {
			if err := postbacks.Handle(context.Background(), h, request); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.LessOrEqual(t, measured.largest, 2<<20)
	require.Less(t, measured.commits, hits/4, "they still share commits")
}
