package handlers_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

func TestPostbackBeforeItsClickIsMatchedWhenTheClickComes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.handle(h)
	require.Equal(t, "waiting", n.outcome(h).Outcome)
	require.Equal(t, "click_not_yet", n.outcome(h).Reason)
	require.Equal(t, 1, n.count("waiting_postbacks"))
	n.handle(click)
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Zero(t, n.count("waiting_postbacks"))
}

func TestClickAndPostbackAtOnceNeverMissEachOther(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	const pairs = 60
	var handling sync.WaitGroup
	for range pairs {
		click := n.newClick()
		h := n.newPostback(n.Global, click.TransactionID)
		handling.Go(func() { n.handle(click) })
		handling.Go(func() { n.handle(h) })
	}
	handling.Wait()
	require.Equal(t, pairs, n.count("conversions"))
	require.Zero(t, n.count("waiting_postbacks"))
}

// recordAlone stores a click without deciding the postbacks that wait for it, as if its
// worker had died in between.
func (n *network) recordAlone(click *hit.Hit) {
	n.t.Helper()
	request, err := click.Encode()
	require.NoError(n.t, err)
	require.NoError(n.t, n.store.Write(context.Background(), []*attribution.Record{{Hit: click, Request: request,
		Decision: attribution.Decision{Outcome: outcome.Recorded, AccountID: n.ID, OfferID: n.Offer,
			PublisherID: n.Publisher}}}))
}

// waitingFor returns the postbacks that wait for a click.
func (n *network) waitingFor(click *hit.Hit) []attribution.Wait {
	n.t.Helper()
	waits, _, err := n.store.WaitingFor(context.Background(), []token.TransactionID{click.TransactionID}, uuid.Nil)
	require.NoError(n.t, err)
	return waits[click.TransactionID]
}

func TestAWaitingHitThatSeveralWorkersDecideIsDecidedOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.handle(h)
	paused := attribution.Paused
	_, err := n.store.EditOffer(context.Background(), n.ID, n.Offer, reference.OfferChange{Status: &paused})
	require.NoError(t, err)
	n.refresh()
	n.recordAlone(click)
	waits := n.waitingFor(click)
	var waking sync.WaitGroup
	for range 8 {
		postbacks, _ := n.newHandlers()
		waking.Go(func() { require.NoError(t, postbacks.Reconsider(context.Background(), waits, false)) })
	}
	waking.Wait()
	require.Equal(t, "offer_paused", n.outcome(h).Reason)
	require.Equal(t, 2, n.outcome(h).Decisions)
	require.Equal(t, 1, n.count("dead_letters WHERE deaths = 1"))
}

func TestWaitingHitThatCannotBeDecidedFailsNeitherItsClickNorItsNeighbours(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	_, err := n.db.Exec(`ALTER TABLE conversions ADD CHECK (order_id <> 'poison')`)
	require.NoError(t, err)
	click := n.newClick()
	bad, good := n.newPostback(n.Global, click.TransactionID), n.newPostback(n.Global, click.TransactionID)
	bad.Params[hit.ParamOrderID] = "poison"
	n.handle(bad)
	n.handle(good)
	n.handle(click)
	require.Equal(t, "recorded", n.outcome(click).Outcome)
	require.Equal(t, "converted", n.outcome(good).Outcome)
	require.Equal(t, "waiting", n.outcome(bad).Outcome)
	require.Zero(t, n.count("waiting_postbacks"))
	require.Len(t, n.queue.hits, 1, "it goes on by itself, through its queue")
	require.Equal(t, bad.ID, n.queue.hits[0].ID)
}

// TestWhatIsStrandedIsWhatIsStillUnmatched: some rows of ended waits belong to hits with
// another outcome, because the migration made rows of resolved dead letters too.
func TestWhatIsStrandedIsWhatIsStillUnmatched(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	stranded := n.newPostback(n.Global, click.TransactionID)
	n.unmatched(stranded)
	n.recordAlone(click)
	converted := n.newPostback(n.Global, n.click())
	n.handle(converted)
	_, err := n.db.Exec(`INSERT INTO ended_waits (transaction_id, hit_id) VALUES ($1, $2), ($1, $3)`,
		converted.TransactionID.UUID(), converted.ID, n.newHit(hit.Postback).ID)
	require.NoError(t, err)
	count, err := n.store.UnmatchedWithClick(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, count)
}

// countedWaits records the largest number of postbacks that one query returned.
type countedWaits struct {
	*store.Store
	most int
}

func (c *countedWaits) WaitingFor(ctx context.Context, ids []token.TransactionID, after uuid.UUID,
) (map[token.TransactionID][]attribution.Wait, *attribution.Wait, error) {
	waits, end, err := c.Store.WaitingFor(ctx, ids, after)
	for _, of := range waits {
		c.most = max(c.most, len(of))
	}
	return waits, end, err
}

// TestAClickDecidesAnyNumberOfPostbacksInPages: more postbacks wait for one click than a
// worker should hold in memory at once; the waits of some have ended.
func TestAClickDecidesAnyNumberOfPostbacksInPages(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	const half = 600
	wait := func() {
		var handling sync.WaitGroup
		for range half {
			h := n.newPostback(n.Global, click.TransactionID)
			handling.Go(func() { n.handle(h) })
		}
		handling.Wait()
	}
	wait()
	n.endWindows()
	require.NoError(t, n.newSweeper().sweep())
	wait()
	require.Equal(t, half, n.count("waiting_postbacks"))
	require.Equal(t, half, n.count("ended_waits"))

	records := &countedWaits{Store: n.store}
	options := n.options()
	options.Records = records
	request, err := click.Encode()
	require.NoError(t, err)
	require.NoError(t, handlers.NewClicks(options, n.postbacks).Handle(t.Context(), click, request))
	require.Equal(t, 1000, records.most)
	require.Equal(t, 1, n.count("hits WHERE outcome = 'converted'"))
	require.Equal(t, 2*half-1, n.count("hits WHERE outcome = 'duplicate'"))
	require.Zero(t, n.count("waiting_postbacks"))
	require.Zero(t, n.count("ended_waits"))
	require.Zero(t, n.count("dead_letters WHERE status = 'open'"))
}

// afterWrite calls then once, after the first write.
type afterWrite struct {
	handlers.Records
	then func()
}

func (a *afterWrite) Write(ctx context.Context, records []*attribution.Record) error {
	err := a.Records.Write(ctx, records)
	if then := a.then; then != nil {
		a.then = nil
		then()
	}
	return err
}

// The first commit of such a hit is followed by a second one at once, and only the last
// record is observed.
func TestAHitWhoseClickComesDuringItsCommitIsObservedAsANewOne(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	var mu sync.Mutex
	var commits []time.Time
	n.observe = func(r *attribution.Record) {
		mu.Lock()
		defer mu.Unlock()
		if r.Hit.Kind == hit.Postback && !r.FirstCommitted.IsZero() {
			commits = append(commits, r.FirstCommitted)
		}
	}
	n.postbacks, n.clicks = n.newHandlers()
	click := n.newClick()
	options := n.options()
	options.Records = &afterWrite{n.store, func() { n.handle(click) }}
	h := n.newPostback(n.Global, click.TransactionID)
	request, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, handlers.NewPostbacks(options).Handle(t.Context(), h, request))
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Len(t, commits, 1)
}
