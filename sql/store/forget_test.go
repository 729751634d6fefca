package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/retention"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store"
)

// ageing makes a dead letter with the row of its hit. The letter died or was closed age
// ago.
func (b *books) ageing(status dead.Status, reason outcome.Reason, surplus bool, age time.Duration) uuid.UUID {
	b.t.Helper()
	at := time.Now().Add(-age).UTC()
	id := b.dead(0, reason, 0, at)
	b.day(at)
	b.exec(`INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, request)
		VALUES ($1, 0, 'postback', $2, 'rejected', $3, '{}') ON CONFLICT DO NOTHING`, id, at, reason)
	b.exec("UPDATE dead_letters SET status = $2, status_at = $3, died_at = $3, surplus = $4 WHERE id = $1", id, status, at, surplus)
	return id
}

func (b *books) left(table string) map[uuid.UUID]bool {
	b.t.Helper()
	var ids []uuid.UUID
	require.NoError(b.t, b.db.Select(&ids, "SELECT id FROM "+table))
	left := map[uuid.UUID]bool{}
	for _, id := range ids {
		left[id] = true
	}
	return left
}

func TestDeadLettersAreForgottenAtTheEndOfTheirRetention(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const day = 24 * time.Hour
	times, err := b.Retention(context.Background())
	require.NoError(t, err)
	require.Equal(t, 90*day, times[retention.ClosedDeadLetters])
	require.Equal(t, 30*day, times[retention.UnknownTokenDeadLetters])

	kept := map[uuid.UUID]bool{}
	keep := func(id uuid.UUID) { kept[id] = true }
	for _, status := range []dead.Status{dead.Resolved, dead.Discarded, dead.Replayed} {
		keep(b.ageing(status, outcome.UnknownOffer, false, 89*day))
		keep(b.ageing(status, outcome.UnknownToken, true, 89*day))
		b.ageing(status, outcome.UnknownOffer, false, 91*day)
	}
	keep(b.ageing(dead.Open, outcome.UnknownOffer, false, 400*day))
	keep(b.ageing(dead.Open, outcome.UnknownToken, false, 29*day))
	b.ageing(dead.Open, outcome.UnknownToken, false, 31*day)
	keep(b.ageing(dead.Open, outcome.UnknownToken, true, day-time.Hour))
	surplus := b.ageing(dead.Open, outcome.UnknownToken, true, day+time.Hour)
	orphan := b.ageing(dead.Open, outcome.UnknownToken, true, day+time.Hour)
	b.exec("DELETE FROM hits WHERE id = $1", orphan)
	hits := b.left("hits")

	forgotten, err := b.ForgetDeadLetters(context.Background(), times)
	require.NoError(t, err)
	require.Equal(t, store.Forgotten{Closed: 3, UnknownToken: 1, Surplus: 2}, forgotten)
	require.Equal(t, kept, b.left("dead_letters"))
	delete(hits, surplus)
	require.Equal(t, hits, b.left("hits"), "only with a surplus letter is its hit deleted too")

	forgotten, err = b.ForgetDeadLetters(context.Background(), retention.Times{})
	require.NoError(t, err)
	require.Zero(t, forgotten, "0 keeps them for ever")
}

func TestForgettingUsesManyBatchesAndWaitsForNoLock(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const many = 1200
	var mine uuid.UUID
	for range many {
		mine = b.ageing(dead.Open, outcome.UnknownToken, true, 48*time.Hour)
	}
	tx, err := b.db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("SELECT FROM hits WHERE id = $1 FOR UPDATE", mine) // another transaction decides it
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	forgotten, err := b.ForgetDeadLetters(ctx, retention.Times{})
	require.NoError(t, err)
	require.EqualValues(t, many-1, forgotten.Surplus)
	require.NoError(t, tx.Rollback())
	forgotten, err = b.ForgetDeadLetters(ctx, retention.Times{})
	require.NoError(t, err)
	require.EqualValues(t, 1, forgotten.Surplus)
	require.Empty(t, b.left("hits"))
}

func TestASurplusHitIsStoredAsSuch(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for _, surplus := range []bool{false, true} {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), Surplus: surplus}
		request, err := h.Encode()
		require.NoError(t, err)
		require.NoError(t, b.Write(context.Background(), []*attribution.Record{{Hit: h, Request: request,
			Decision: attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.UnknownToken}}}))
		letters, err := b.DeadLetters(context.Background(), dead.Filter{IDs: []uuid.UUID{h.ID}}, dead.NewestFirst, nil, 1)
		require.NoError(t, err)
		require.Equal(t, surplus, letters[0].Surplus)
		until := retention.Times{retention.UnknownTokenDeadLetters: 30 * 24 * time.Hour}.DeadLetters().KeptUntil(&letters[0])
		if surplus {
			require.Equal(t, letters[0].DiedAt.Add(dead.SurplusRetention), until)
		} else {
			require.Equal(t, letters[0].DiedAt.AddDate(0, 0, 30), until)
		}
	}
}
