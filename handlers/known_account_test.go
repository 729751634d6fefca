package handlers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/pipeline/worker"
)

// TestAFailureIsADeadLetterThoughItsTokenIsNotInMemory: the hit that fails has a token
// that was created a moment ago, and that only a look-up has found so far.
func TestAFailureIsADeadLetterThoughItsTokenIsNotInMemory(t *testing.T) {
	t.Parallel()
	for name, click := range map[string]bool{"of a hit that waits": false, "of a hit that was rejected": true} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t) // its snapshot is empty
			id := n.keys.Mint(n.clock)
			if click {
				id = n.click()
				paused := attribution.Paused
				_, err := n.store.EditOffer(t.Context(), n.ID, n.Offer, reference.OfferChange{Status: &paused})
				require.NoError(t, err)
			}
			h := n.newPostback(n.Global, id)
			n.handle(h)
			require.Equal(t, n.ID, n.outcome(h).AccountID)
			request, err := h.Encode()
			require.NoError(t, err)
			letter := worker.DeadLetter{ID: h.ID, Payload: request, Reason: outcome.HandlerFailed, Error: "x", Attempts: 2}
			require.NoError(t, handlers.NewArchiver(n.store, n.snapshots, n.observe).Archive(t.Context(), h, letter))
			require.Equal(t, "failed", n.outcome(h).Outcome)
			require.Equal(t, n.ID, n.outcome(h).AccountID)
			require.Equal(t, "open handler_failed", n.deadLetter(h))
			require.Equal(t, 1, n.count("dead_letters WHERE id = $1 AND account_id = $2", h.ID, n.ID))
		})
	}
}

// TestAReplayThatFindsNoTokenIsADeadLetterAgain: the account is known since
// an earlier decision, and stays.
func TestAReplayThatFindsNoTokenIsADeadLetterAgain(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.refresh()
	id := n.click()
	paused := attribution.Paused
	_, err := n.store.EditOffer(t.Context(), n.ID, n.Offer, reference.OfferChange{Status: &paused})
	require.NoError(t, err)
	n.refresh()
	h := n.newPostback(n.Global, id)
	n.handle(h)
	require.Equal(t, "open offer_paused", n.deadLetter(h))
	letters, err := n.store.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 1)
	require.NoError(t, err)
	_, err = n.store.SettleDeadLetters(t.Context(), letters, dead.Act{Event: dead.WasReplayed})
	require.NoError(t, err)

	replayed := *h
	replayed.TokenDigest = token.DigestOf("a token that this worker has not found yet")
	n.handle(&replayed)
	require.Equal(t, "offer_paused", n.outcome(h).Reason)
	require.Equal(t, n.ID, n.outcome(h).AccountID)
	require.Equal(t, "open offer_paused", n.deadLetter(h))
	require.Equal(t, 1, n.count("dead_letters WHERE id = $1 AND deaths = 2 AND offer_id = $2", h.ID, n.Offer))
}
