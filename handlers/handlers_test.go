package handlers_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/pipeline/worker"
	"integr8/sql/store/storetest"
)

func TestPostbackConvertsItsClick(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	h := n.newPostback(n.Global, n.click())
	n.handle(h)
	got := n.outcome(h)
	require.Equal(t, "converted", got.Outcome)
	require.Equal(t, "global", got.Route)
	require.Equal(t, h.ID, *got.ConversionID)
	var revenue, payout string
	require.NoError(t, n.db.QueryRow(`SELECT revenue, payout FROM conversions WHERE id = $1`, h.ID).Scan(&revenue, &payout))
	require.Equal(t, "4.000000", revenue)
	require.Equal(t, "2.500000", payout)
}

func TestOneClickConvertsOnceWhateverTheURLFormAndWorker(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	const hits, workers = 50, 4
	var postbacks [hits]*hit.Hit
	for i := range postbacks {
		postbacks[i] = n.newPostback([]string{n.Global, n.OfferToken}[i%2], id)
	}
	var handling sync.WaitGroup
	for w := range workers {
		handler, _ := n.newHandlers()
		for i := w; i < hits; i += workers {
			handling.Go(func() {
				request, _ := postbacks[i].Encode()
				require.NoError(t, handler.Handle(context.Background(), postbacks[i], request))
			})
		}
	}
	handling.Wait()
	require.Equal(t, 1, n.count("conversions"))
	require.Equal(t, 1, n.count("hits WHERE outcome = 'converted'"))
	require.Equal(t, hits-1, n.count("hits WHERE outcome = 'duplicate' AND duplicate_of = (SELECT id FROM conversions)"))
	require.Equal(t, hits/2, n.count("hits WHERE reason = 'duplicate_other_url'"))
}

func TestBatchesWithTheSameKeysInAnyOrderDoNotFail(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	const clicks, rounds = 40, 6
	ids := make([]token.TransactionID, clicks)
	for i := range ids {
		ids[i] = n.click()
	}
	var handling sync.WaitGroup
	for round := range rounds {
		handler, _ := n.newHandlers()
		for i := range ids {
			id := ids[(i*7+round*13)%clicks]
			handling.Go(func() {
				h := n.newPostback(n.Global, id)
				request, _ := h.Encode()
				require.NoError(t, handler.Handle(context.Background(), h, request))
			})
		}
	}
	handling.Wait()
	require.Equal(t, clicks, n.count("conversions"))
	require.Equal(t, clicks*(rounds-1), n.count("hits WHERE outcome = 'duplicate'"))
}

func TestHandlingAHitAgainChangesNothing(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	first, second := n.newPostback(n.Global, id), n.newPostback(n.Global, id)
	n.handle(first)
	n.handle(second)
	for _, h := range []*hit.Hit{first, second, first} {
		n.handle(h)
	}
	require.Equal(t, "converted", n.outcome(first).Outcome)
	require.Equal(t, "duplicate", n.outcome(second).Outcome)
	require.Equal(t, 1, n.outcome(first).Decisions)
	require.Equal(t, 1, n.count("conversions"))
}

func TestFinalOutcomesSurviveAChangeOfTerms(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	first, second := n.newPostback(n.Global, id), n.newPostback(n.Global, id)
	second.Params[hit.ParamOrderID] = "A2"
	n.handle(first)
	n.handle(second)
	_, err := n.store.EditOffer(context.Background(), n.ID, n.Offer,
		reference.OfferChange{Identity: &attribution.Identity{ManyPerClick: true}})
	require.NoError(t, err)
	n.refresh()
	n.handle(second) // would convert by the new terms
	require.Equal(t, "duplicate", n.outcome(second).Outcome)
	require.Equal(t, 1, n.count("conversions"))
}

func (n *network) refresh() {
	loaded, err := n.store.LoadSnapshot(context.Background())
	require.NoError(n.t, err)
	n.snapshots.mu.Lock()
	defer n.snapshots.mu.Unlock()
	n.snapshots.current = loaded
}

func TestTheSameHitTwiceInOneBatchHasOneOutcome(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	h := n.newPostback(n.Global, n.click())
	var handling sync.WaitGroup
	for range 20 {
		handling.Go(func() { n.handle(h) })
	}
	handling.Wait()
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Equal(t, 1, n.count("conversions"))
}

func TestNothingCrossesAccounts(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	other := storetest.NewAccount(t, n.store, n.keys, "south")
	id := n.click()
	for _, secure := range []string{other.Global, other.OfferToken} {
		h := n.newPostback(secure, id)
		n.handle(h)
		require.Equal(t, "wrong_account", n.outcome(h).Reason)
		require.Equal(t, other.ID, n.outcome(h).AccountID)
		clickless := n.newHit(hit.Clickless)
		clickless.TokenDigest = token.DigestOf(secure)
		clickless.Params = map[string]string{"offer": itoa(n.Offer), "publisher": itoa(n.Publisher)}
		n.handle(clickless)
		require.Equal(t, "rejected", n.outcome(clickless).Outcome)
	}
	require.Zero(t, n.count("conversions"))
	h := n.newPostback(n.Global, id)
	n.handle(h)
	require.Equal(t, "converted", n.outcome(h).Outcome)
}

func TestHitOfAnUnknownTokenMovesToItsAccountOnReplay(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	imported := "an-old-token-of-another-tracker"
	h := n.newPostback(imported, n.click())
	n.handle(h)
	require.Equal(t, "unknown_token", n.outcome(h).Reason)
	require.Zero(t, n.outcome(h).AccountID)
	_, err := n.store.ImportToken(context.Background(), n.ID, 0, "", token.DigestOf(imported))
	require.NoError(t, err)
	n.refresh()
	n.handle(h)
	got := n.outcome(h)
	require.Equal(t, "converted", got.Outcome)
	require.Equal(t, n.ID, got.AccountID)
	require.Equal(t, "resolved unknown_token", n.deadLetter(h))
}

func TestWhatWasCreatedASecondAgoWorks(t *testing.T) {
	t.Parallel()
	n := newNetwork(t) // its snapshot is empty: everything is looked up
	offer := n.NewOffer(func(*attribution.Offer) {})
	token := n.NewToken(offer)
	click := n.newClick()
	click.OfferID = offer
	n.handle(click)
	h := n.newPostback(token, click.TransactionID)
	n.handle(h)
	require.Equal(t, "converted", n.outcome(h).Outcome)
}

func TestUnknownTokensAreLookedUpOnceAndBounded(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	finder := &countingFinder{Finder: n.store}
	n.directory = handlers.NewDirectory(n.snapshots, finder)
	n.postbacks, _ = n.newHandlers()
	id := n.keys.Mint(n.clock)
	var handling sync.WaitGroup
	for range 50 {
		handling.Go(func() { n.handle(n.newPostback("forged", id)) })
	}
	handling.Wait()
	require.EqualValues(t, 1, finder.tokens)
	require.Equal(t, 50, n.count("hits WHERE reason = 'unknown_token' AND account_id = 0"))
}

type countingFinder struct {
	handlers.Finder
	mu     sync.Mutex
	tokens int
}

func (f *countingFinder) FindTokens(ctx context.Context, digests []token.Digest) (map[token.Digest]attribution.Token, error) {
	f.mu.Lock()
	f.tokens += len(digests)
	f.mu.Unlock()
	return f.Finder.FindTokens(ctx, digests)
}

func TestPausedIsRejectedAndConvertsWhenReplayedAfterResuming(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	id := n.click()
	set := func(status attribution.Status) {
		_, err := n.store.EditOffer(context.Background(), n.ID, n.Offer, reference.OfferChange{Status: &status})
		require.NoError(t, err)
		n.refresh()
	}
	set(attribution.Paused)
	h := n.newPostback(n.OfferToken, id)
	n.handle(h)
	require.Equal(t, "offer_paused", n.outcome(h).Reason)
	require.Equal(t, "open offer_paused", n.deadLetter(h))
	set(attribution.Active)
	n.handle(h)
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Equal(t, "resolved offer_paused", n.deadLetter(h))
}

func TestClickOfAnUnknownPublisherIsRejectedUntilThePublisherExists(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	click.PublisherID = n.Publisher + 1
	early := n.newPostback(n.Global, click.TransactionID)
	n.handle(click)
	n.handle(early)
	require.Equal(t, "unknown_publisher", n.outcome(click).Reason)
	require.Equal(t, "waiting", n.outcome(early).Outcome)
	require.Zero(t, n.count("clicks"))
	require.Equal(t, click.PublisherID, n.NewPublisher())
	n.refresh()
	n.handle(click)
	require.Equal(t, "recorded", n.outcome(click).Outcome)
	require.Equal(t, "converted", n.outcome(early).Outcome)
}

func TestLeakedTokensAreCountedOnceAClick(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	for range 2 {
		click := n.newClick()
		click.TokenLeaked, click.TokenDigest = true, token.DigestOf(n.Global)
		n.handle(click)
		n.handle(click)
	}
	click := n.newClick()
	click.TokenLeaked, click.TokenDigest = true, token.DigestOf(n.OfferToken)
	n.handle(click)
	global, _ := n.directory.TokenInMemory(token.DigestOf(n.Global))
	require.Equal(t, 1, n.count("token_leaks WHERE account_id = $1 AND offer_id = $2 AND publisher_id = $3 AND token_id = $4 AND clicks = 2",
		n.ID, n.Offer, n.Publisher, global.ID))
	require.Equal(t, 2, n.count("token_leaks"))
}

// Anybody can invent a link with any text as a token and any number as a publisher.
// Such links are not an alarm.
func TestAForgedLeakIsNoAlarm(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	for i := range 20 {
		made := n.newClick()
		made.TokenLeaked, made.TokenDigest = true, token.DigestOf(fmt.Sprint("made up ", i))
		n.handle(made)
		require.Equal(t, "recorded", n.outcome(made).Outcome)
		nobody := n.newClick()
		nobody.TokenLeaked, nobody.TokenDigest, nobody.PublisherID = true, token.DigestOf(n.Global), 1_000_000+int64(i)
		n.handle(nobody)
		require.Equal(t, "unknown_publisher", n.outcome(nobody).Reason)
	}
	bare := n.newClick()
	bare.TokenLeaked = true
	n.handle(bare)
	require.Zero(t, n.count("token_leaks"))
}

func TestClicklessHitKeepsAllItsDetails(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	h := n.newHit(hit.Clickless)
	h.TokenDigest = token.DigestOf(n.NewTokenFor(hit.Clickless, n.Offer))
	h.Params = map[string]string{"publisher": itoa(n.Publisher), "sub_id": "s1", "session_time": "1772366400",
		"conversion_ip": "2001:db8::1", "user_agent": "Mozilla", "revenue": "12.34", "payout": "1.5",
		"external_transaction_id": "E1", "user_email": "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b",
		"adv_sub_id_2": "a2", "currency": "USD"}
	n.handle(h)
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Equal(t, 1, n.count(`conversions WHERE method = 'clickless' AND transaction_id IS NULL AND sub_id = 's1'
		AND session_time = to_timestamp(1772366400) AND conversion_ip = '2001:db8::1' AND user_agent = 'Mozilla'
		AND revenue = 12.34 AND payout = 1.5 AND external_transaction_id = 'E1' AND adv_sub_id_2 = 'a2'
		AND user_email_hash LIKE '973dfe%'`))
	again := *h
	again.ID = n.newHit(hit.Clickless).ID
	n.handle(&again)
	require.Equal(t, "duplicate", n.outcome(&again).Outcome)
}

// TestAConversionKeepsWhatItsClickTells: reports and disputes need it when retention has
// dropped the click.
func TestAConversionKeepsWhatItsClickTells(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	click.ClientIP, click.UserAgent, click.Params = "2001:db8::7", "Mozilla/5.0", map[string]string{"device_id": "phone"}
	n.handle(click)
	first := n.newPostback(n.Global, click.TransactionID)
	first.Params["purchase_value"] = "99.95"
	n.handle(first)
	require.Equal(t, 1, n.count(`conversions v JOIN clicks c USING (transaction_id) WHERE v.device_id = 'phone' AND v.purchase_value = 99.95
		AND v.clicked_at = c.clicked_at AND v.click_ip = '2001:db8::7' AND v.click_user_agent = 'Mozilla/5.0'`))

	other := n.newPostback(n.Global, n.click())
	other.Params["device_id"], other.Params["purchase_value"] = "the sender's", "much"
	n.handle(other)
	require.Equal(t, 1, n.count(`conversions WHERE device_id = 'the sender''s' AND purchase_value IS NULL AND click_ip IS NULL`),
		"the sender's device counts before the click's, and what is no amount is left out")
}

func TestArchiverKeepsFailuresButNoFinalOutcomes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	archiver := handlers.NewArchiver(n.store, n.snapshots, n.observe)
	id := n.click()
	done, failed := n.newPostback(n.Global, id), n.newPostback(n.Global, id)
	n.handle(done)
	for _, h := range []*hit.Hit{done, failed} {
		request, _ := h.Encode()
		letter := worker.DeadLetter{ID: h.ID, Payload: request, Reason: outcome.HandlerFailed, Error: "x", Attempts: 6}
		require.NoError(t, archiver.Archive(context.Background(), h, letter))
		require.NoError(t, archiver.Archive(context.Background(), h, letter))
	}
	require.Equal(t, "converted", n.outcome(done).Outcome)
	require.Equal(t, "", n.deadLetter(done))
	require.Equal(t, "failed", n.outcome(failed).Outcome)
	require.Equal(t, "handler_failed", n.outcome(failed).Reason)
	require.Equal(t, n.ID, n.outcome(failed).AccountID)
	n.handle(failed)
	require.Equal(t, "duplicate", n.outcome(failed).Outcome)
	require.Equal(t, "resolved handler_failed", n.deadLetter(failed))

	garbage := worker.DeadLetter{ID: n.newHit(hit.Click).ID, Payload: []byte("\x00\xff"), Reason: outcome.Undecodable}
	require.NoError(t, archiver.Archive(context.Background(), nil, garbage))
	require.NoError(t, archiver.Archive(context.Background(), nil, garbage))
	require.Equal(t, 1, n.count("dead_letters WHERE reason = 'undecodable'"))
}

func TestFailedClickThatLeakedATokenStaysItsOwnAccounts(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	other := storetest.NewAccount(t, n.store, n.keys, "south")
	n.refresh()
	h := n.newClick()
	h.TokenDigest, h.TokenLeaked = token.DigestOf(other.Global), true
	request, err := h.Encode()
	require.NoError(t, err)
	letter := worker.DeadLetter{ID: h.ID, Payload: request, Reason: outcome.HandlerFailed, Error: "x", Attempts: 6}
	require.NoError(t, handlers.NewArchiver(n.store, n.snapshots, n.observe).Archive(context.Background(), h, letter))
	require.Equal(t, n.ID, n.outcome(h).AccountID)
	require.Empty(t, n.outcome(h).Route)
	n.handle(h)
	require.Equal(t, "recorded", n.outcome(h).Outcome)
}
