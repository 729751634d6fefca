package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

func TestDeadLettersAreFilteredByEachField(t *testing.T) {
	b := openBooks(t)
	first := b.dead(1, attribution.OfferPaused, 10, noon)
	second := b.dead(1, attribution.UnknownPublisher, 11, noon.Add(time.Minute))
	third := b.dead(2, attribution.OfferPaused, 20, noon.Add(2*time.Minute))
	settled := b.dead(2, attribution.OfferPaused, 20, noon.Add(3*time.Minute))
	b.exec(`UPDATE dead_letters SET status = 'discarded' WHERE id = $1`, settled)

	for name, test := range map[string]struct {
		filter store.DeadFilter
		want   []uuid.UUID
	}{
		"nothing":        {store.DeadFilter{}, []uuid.UUID{first, second, third, settled}},
		"status":         {store.DeadFilter{State: store.StateOpen}, []uuid.UUID{first, second, third}},
		"account":        {store.DeadFilter{AccountID: 1}, []uuid.UUID{first, second}},
		"reason":         {store.DeadFilter{Reason: attribution.UnknownPublisher}, []uuid.UUID{second}},
		"offer":          {store.DeadFilter{OfferID: 20}, []uuid.UUID{third, settled}},
		"kind":           {store.DeadFilter{Kind: hit.Pixel}, nil},
		"since":          {store.DeadFilter{Since: noon.Add(2 * time.Minute)}, []uuid.UUID{third, settled}},
		"until":          {store.DeadFilter{Until: noon.Add(time.Minute)}, []uuid.UUID{first, second}},
		"ids":            {store.DeadFilter{IDs: []uuid.UUID{third, first}}, []uuid.UUID{first, third}},
		"several":        {store.DeadFilter{Reason: attribution.OfferPaused, AccountID: 2, State: store.StateOpen}, []uuid.UUID{third}},
		"ids and status": {store.DeadFilter{IDs: []uuid.UUID{settled}, State: store.StateOpen}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			letters, err := b.DeadLetters(context.Background(), test.filter, store.OldestDeath, nil, 100)
			require.NoError(t, err)
			require.Equal(t, test.want, receipts(letters))
		})
	}
}

func TestDeadLettersComeInPagesThatNeitherSkipNorRepeat(t *testing.T) {
	b := openBooks(t)
	var written []uuid.UUID
	for i := range 25 { // five of them die in the same moment
		written = append(written, b.dead(1, attribution.OfferPaused, 1, noon.Add(time.Duration(i/5)*time.Second)))
	}
	newest := make([]uuid.UUID, len(written))
	for i, id := range written {
		newest[len(written)-1-i] = id
	}
	for order, want := range map[store.DeadOrder][]uuid.UUID{store.OldestDeath: written, store.NewestDeath: newest} {
		var read []uuid.UUID
		var after *store.DeadLetter
		for {
			page, err := b.DeadLetters(context.Background(), store.DeadFilter{}, order, after, 4)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			read = append(read, receipts(page)...)
			after = &page[len(page)-1]
		}
		require.Equal(t, want, read, order)
	}
}

func TestDeadReasonsCountsTheMostFrequentFirst(t *testing.T) {
	b := openBooks(t)
	b.dead(1, attribution.UnknownPublisher, 1, noon)
	b.dead(1, attribution.OfferPaused, 1, noon.Add(time.Minute))
	b.dead(1, attribution.OfferPaused, 1, noon.Add(time.Hour))

	reasons, err := b.DeadReasons(context.Background(), store.DeadFilter{State: store.StateOpen})
	require.NoError(t, err)
	require.Equal(t, []store.DeadReason{
		{Reason: attribution.OfferPaused, Letters: 2, Oldest: noon.Add(time.Minute), Newest: noon.Add(time.Hour)},
		{Reason: attribution.UnknownPublisher, Letters: 1, Oldest: noon, Newest: noon},
	}, reasons)
}

func TestSettlingLeavesAloneWhatDiedAgainMeanwhile(t *testing.T) {
	b := openBooks(t)
	calm := b.dead(1, attribution.OfferPaused, 1, noon)
	again := b.dead(1, attribution.OfferPaused, 1, noon.Add(time.Second))
	resolved := b.dead(1, attribution.OfferPaused, 1, noon.Add(2*time.Second))
	read, err := b.DeadLetters(context.Background(), store.DeadFilter{}, store.OldestDeath, nil, 10)
	require.NoError(t, err)

	b.exec(`UPDATE dead_letters SET died_at = now(), deaths = deaths + 1, status = 'open' WHERE id = $1`, again)
	b.exec(`UPDATE dead_letters SET status = 'resolved' WHERE id = $1`, resolved)
	settled, err := b.SettleDeadLetters(context.Background(), read, replayed)
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]store.DeadStatus{calm: store.DeadReplayed}, settled)

	for id, want := range map[uuid.UUID]store.DeadStatus{
		calm: store.DeadReplayed, again: store.DeadOpen, resolved: store.DeadResolved,
	} {
		letters, err := b.DeadLetters(context.Background(), store.DeadFilter{IDs: []uuid.UUID{id}}, store.OldestDeath, nil, 1)
		require.NoError(t, err)
		require.Equal(t, want, letters[0].Status)
	}
}

// TestAReplayAndAWorkerThatMeetAtDeadLettersBothGoOn has the worker find that
// the later of two hits died again and the earlier did not, while a replay
// marks both; a third hand holds the later one until both wait.
func TestAReplayAndAWorkerThatMeetAtDeadLettersBothGoOn(t *testing.T) {
	b := openBooks(t)
	paused := attribution.Decision{Outcome: attribution.Rejected, Reason: attribution.OfferPaused, AccountID: 1}
	earlier, later := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second))
	recorded := earlier.Decision
	earlier.Decision, later.Decision = paused, paused
	b.write(earlier, later)
	read, err := b.DeadLetters(t.Context(), store.DeadFilter{}, store.OldestDeath, nil, 10)
	require.NoError(t, err)
	require.Len(t, read, 2)

	holder, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = holder.Rollback() }() // has been rolled back unless the test failed before
	_, err = holder.Exec("SELECT FROM dead_letters WHERE id = $1 FOR UPDATE", later.Hit.ID)
	require.NoError(t, err)
	worker, replay := make(chan error, 1), make(chan error, 1)
	go func() {
		earlier.Decision = recorded
		worker <- b.Write(t.Context(), []*store.Record{earlier, later})
	}()
	b.awaitLocks(1)
	go func() {
		_, err := b.SettleDeadLetters(t.Context(), read, replayed)
		replay <- err
	}()
	b.awaitLocks(2)
	require.NoError(t, holder.Rollback())
	require.NoError(t, <-worker)
	require.NoError(t, <-replay)

	for id, want := range map[uuid.UUID]store.DeadStatus{earlier.Hit.ID: store.DeadResolved, later.Hit.ID: store.DeadOpen} {
		letters, err := b.DeadLetters(t.Context(), store.DeadFilter{IDs: []uuid.UUID{id}}, store.OldestDeath, nil, 1)
		require.NoError(t, err)
		require.Equal(t, want, letters[0].Status)
	}
}

func TestTheDatabasesClockIsInUTC(t *testing.T) {
	b := openBooks(t)
	b.exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$`)
	now, err := b.Now(context.Background())
	require.NoError(t, err)
	require.Equal(t, time.UTC, now.Location())
}

// replayed is an operator's act.
var replayed = store.DeadAct{ID: uuid.New(), Event: store.DeadWasReplayed, By: "ann@desk", Note: "the offer runs again"}

func receipts(letters []store.DeadLetter) []uuid.UUID {
	var ids []uuid.UUID
	for _, letter := range letters {
		ids = append(ids, letter.ID)
	}
	return ids
}
