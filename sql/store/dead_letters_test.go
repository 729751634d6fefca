package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

func TestDeadLettersAreFilteredByEachField(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	first := b.dead(1, outcome.OfferPaused, 10, noon)
	second := b.dead(1, outcome.UnknownPublisher, 11, noon.Add(time.Minute))
	third := b.dead(2, outcome.OfferPaused, 20, noon.Add(2*time.Minute))
	settled := b.dead(2, outcome.OfferPaused, 20, noon.Add(3*time.Minute))
	b.exec(`UPDATE dead_letters SET status = 'discarded' WHERE id = $1`, settled)

	for name, test := range map[string]struct {
		filter dead.Filter
		want   []uuid.UUID
	}{
		"nothing":        {dead.Filter{}, []uuid.UUID{first, second, third, settled}},
		"status":         {dead.Filter{State: dead.StateOpen}, []uuid.UUID{first, second, third}},
		"account":        {dead.Filter{AccountID: 1}, []uuid.UUID{first, second}},
		"reason":         {dead.Filter{Reason: outcome.UnknownPublisher}, []uuid.UUID{second}},
		"offer":          {dead.Filter{OfferID: 20}, []uuid.UUID{third, settled}},
		"kind":           {dead.Filter{Kind: hit.Pixel}, nil},
		"since":          {dead.Filter{Since: noon.Add(2 * time.Minute)}, []uuid.UUID{third, settled}},
		"until":          {dead.Filter{Until: noon.Add(time.Minute)}, []uuid.UUID{first, second}},
		"ids":            {dead.Filter{IDs: []uuid.UUID{third, first}}, []uuid.UUID{first, third}},
		"several":        {dead.Filter{Reason: outcome.OfferPaused, AccountID: 2, State: dead.StateOpen}, []uuid.UUID{third}},
		"ids and status": {dead.Filter{IDs: []uuid.UUID{settled}, State: dead.StateOpen}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			letters, err := b.DeadLetters(context.Background(), test.filter, dead.OldestFirst, nil, 100)
			require.NoError(t, err)
			require.Equal(t, test.want, receipts(letters))
		})
	}
}

func TestDeadLettersComeInPagesThatNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var written []uuid.UUID
	for i := range 25 { // five of them die in the same moment
		written = append(written, b.dead(1, outcome.OfferPaused, 1, noon.Add(time.Duration(i/5)*time.Second)))
	}
	newest := make([]uuid.UUID, len(written))
	for i, id := range written {
		newest[len(written)-1-i] = id
	}
	for order, want := range map[dead.Order][]uuid.UUID{dead.OldestFirst: written, dead.NewestFirst: newest} {
		var read []uuid.UUID
		var after *dead.Letter
		for {
			page, err := b.DeadLetters(context.Background(), dead.Filter{}, order, after, 4)
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
	t.Parallel()
	b := openBooks(t)
	b.dead(1, outcome.UnknownPublisher, 1, noon)
	b.dead(1, outcome.OfferPaused, 1, noon.Add(time.Minute))
	b.dead(1, outcome.OfferPaused, 1, noon.Add(time.Hour))

	reasons, err := b.DeadReasons(context.Background(), dead.Filter{State: dead.StateOpen})
	require.NoError(t, err)
	require.Equal(t, []dead.ReasonCount{
		{Reason: outcome.OfferPaused, Letters: 2, Oldest: noon.Add(time.Minute), Newest: noon.Add(time.Hour)},
		{Reason: outcome.UnknownPublisher, Letters: 1, Oldest: noon, Newest: noon},
	}, reasons)
}

func TestSettlingDoesNotChangeLettersThatDiedAgainMeanwhile(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	calm := b.dead(1, outcome.OfferPaused, 1, noon)
	again := b.dead(1, outcome.OfferPaused, 1, noon.Add(time.Second))
	resolved := b.dead(1, outcome.OfferPaused, 1, noon.Add(2*time.Second))
	read, err := b.DeadLetters(context.Background(), dead.Filter{}, dead.OldestFirst, nil, 10)
	require.NoError(t, err)

	b.exec(`UPDATE dead_letters SET died_at = now(), deaths = deaths + 1, status = 'open' WHERE id = $1`, again)
	b.exec(`UPDATE dead_letters SET status = 'resolved' WHERE id = $1`, resolved)
	settled, err := b.SettleDeadLetters(context.Background(), read, replayed)
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]dead.Status{calm: dead.Replayed}, settled)

	for id, want := range map[uuid.UUID]dead.Status{
		calm: dead.Replayed, again: dead.Open, resolved: dead.Resolved,
	} {
		letters, err := b.DeadLetters(context.Background(), dead.Filter{IDs: []uuid.UUID{id}}, dead.OldestFirst, nil, 1)
		require.NoError(t, err)
		require.Equal(t, want, letters[0].Status)
	}
}

// TestAReplayAndAWorkerThatMeetAtDeadLettersBothGoOn: a worker records that the later
// of two hits died again and the earlier did not, while a replay marks both. A third
// transaction locks the later letter until both wait for it.
func TestAReplayAndAWorkerThatMeetAtDeadLettersBothGoOn(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	paused := attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: 1}
	earlier, later := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second))
	recorded := earlier.Decision
	earlier.Decision, later.Decision = paused, paused
	b.write(earlier, later)
	read, err := b.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 10)
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
		worker <- b.Write(t.Context(), []*attribution.Record{earlier, later})
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

	for id, want := range map[uuid.UUID]dead.Status{earlier.Hit.ID: dead.Resolved, later.Hit.ID: dead.Open} {
		letters, err := b.DeadLetters(t.Context(), dead.Filter{IDs: []uuid.UUID{id}}, dead.OldestFirst, nil, 1)
		require.NoError(t, err)
		require.Equal(t, want, letters[0].Status)
	}
}

func TestTheDatabasesClockIsInUTC(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$`)
	now, err := b.Now(context.Background())
	require.NoError(t, err)
	require.Equal(t, time.UTC, now.Location())
}

// replayed is an operator's act.
var replayed = dead.Act{ID: uuid.New(), Event: dead.WasReplayed, By: "ann@desk", Note: "the offer runs again"}

func receipts(letters []dead.Letter) []uuid.UUID {
	var ids []uuid.UUID
	for _, letter := range letters {
		ids = append(ids, letter.ID)
	}
	return ids
}

func TestAllDeadLettersAreCountedByStatusAndReason(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	discarded := b.dead(1, outcome.OfferPaused, 1, noon)
	b.dead(1, outcome.OfferPaused, 1, noon)
	b.dead(2, outcome.OfferPaused, 1, noon)
	b.dead(2, outcome.UnknownPublisher, 1, noon)
	b.exec(`UPDATE dead_letters SET status = 'discarded' WHERE id = $1`, discarded)
	counts, err := b.CountDeadLetters(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []dead.StatusCount{
		{Status: dead.Discarded, Reason: outcome.OfferPaused, Letters: 1},
		{Status: dead.Open, Reason: outcome.OfferPaused, Letters: 2},
		{Status: dead.Open, Reason: outcome.UnknownPublisher, Letters: 1},
	}, counts)
}

func TestARecordSaysWhenItsHitWasFirstCommitted(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	paused := attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: 1}
	record := b.clickRecord(noon)
	again := func(decision attribution.Decision) *attribution.Record {
		return &attribution.Record{Hit: record.Hit, Request: record.Request, Decision: decision}
	}
	recorded := record.Decision
	record.Decision, record.Replayed = paused, true
	began := time.Now()
	b.write(record)
	require.WithinRange(t, record.FirstCommitted, began, time.Now())
	require.True(t, record.Replayed, "Write had to make the day of the hit first, and tried again")

	for _, decision := range []attribution.Decision{paused, recorded, recorded} {
		next := again(decision)
		b.write(next)
		require.Zero(t, next.FirstCommitted, "only the first one")
	}
}
