package dead_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

func TestReplayPublishesWhatTheFilterChooses(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	wanted := r.die(5, outcome.OfferPaused)
	r.die(4, outcome.UnknownPublisher)
	discarded := r.die(1, outcome.OfferPaused)[0]
	require.EqualValues(t, 1, *r.discard(only(discarded)).Discarded)

	prepared, err := r.Replay(t.Context(), dead.Filter{Reason: outcome.OfferPaused}, ann)
	require.NoError(t, err)
	require.EqualValues(t, 5, prepared.Result.Chosen)
	require.Zero(t, prepared.Result.Done())
	require.Equal(t, map[dead.Status]int{dead.Open: 9, dead.Discarded: 1}, r.statuses(), "an act that was only prepared changes nothing")
	require.NoError(t, prepared.Run(t.Context(), quiet))
	require.EqualValues(t, 5, *prepared.Result.Replayed)
	require.Equal(t, map[dead.Status]int{dead.Open: 4, dead.Replayed: 5, dead.Discarded: 1}, r.statuses())
	counts := r.published(5)
	for _, id := range wanted {
		require.Equal(t, 1, counts[id])
	}

	require.EqualValues(t, 4, *r.replay(dead.Filter{}).Replayed)
	require.Zero(t, *r.replay(dead.Filter{}).Replayed, "nothing is open any more")
	require.EqualValues(t, 1, *r.replay(only(discarded)).Replayed, "a named one is replayed whatever its status")
}

func TestInterruptedReplayIsFinishedByTheNextRun(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	const n = 300
	ids := r.die(n, outcome.OfferPaused)

	first, err := r.Replay(t.Context(), dead.Filter{}, ann)
	require.NoError(t, err)
	first.PerSecond = 1000 // 100 at once
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	err = first.Run(ctx, func(step string, done, total int64) {
		require.Equal(t, "replayed", step)
		require.EqualValues(t, n, total)
		if done > 0 {
			interrupt()
		}
	})
	require.EqualError(t, err, "interrupted: 100 of 300 dead letters were replayed")
	require.Equal(t, "run the same command again: it does the rest", failure.Hint(err))
	require.True(t, first.Result.Interrupted)
	require.Equal(t, 100, r.statuses()[dead.Replayed])

	// As if it had been killed between a confirm and the mark.
	r.db.MustExec(`UPDATE dead_letters SET status = 'open' WHERE id = $1`, ids[0])
	require.EqualValues(t, n-100+1, *r.replay(dead.Filter{}).Replayed)
	require.Equal(t, map[dead.Status]int{dead.Replayed: n}, r.statuses())
	counts := r.published(n + 1)
	require.Len(t, counts, n)
	require.Equal(t, 2, counts[ids[0]])
}

func TestReplayTakesAHitOnceARunEvenIfItDiesAgainMeanwhile(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	const n = 40
	ids := r.die(n, outcome.OfferPaused)
	// Every letter that is marked as replayed dies again at once.
	r.db.MustExec(`CREATE FUNCTION die_again() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN NEW.status = 'open'; NEW.died_at = now(); NEW.deaths = OLD.deaths + 1; RETURN NEW; END $$`)
	r.db.MustExec(`CREATE TRIGGER die_again BEFORE UPDATE ON dead_letters FOR EACH ROW EXECUTE FUNCTION die_again()`)
	replay, err := r.Replay(t.Context(), dead.Filter{}, ann)
	require.NoError(t, err)
	replay.PerSecond = 100 // 10 at once, so that those that died again could be on a later page
	require.NoError(t, replay.Run(t.Context(), quiet))
	require.EqualValues(t, n, *replay.Result.Replayed)
	require.Equal(t, map[dead.Status]int{dead.Open: n}, r.statuses())
	counts := r.published(n)
	for _, id := range ids {
		require.Equal(t, 1, counts[id])
	}
}

func TestUndecodableMessagesAreSkippedByReplayAndCanBeDiscarded(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.die(2, outcome.OfferPaused)
	odd := r.dieUndecodable()

	result := r.replay(dead.Filter{})
	require.EqualValues(t, 3, result.Chosen)
	require.EqualValues(t, 2, *result.Replayed)
	require.EqualValues(t, 1, result.Undecodable)

	named, err := r.Replay(t.Context(), only(odd), ann)
	require.NoError(t, err)
	require.ErrorContains(t, named.Unreplayable(), "1 dead letter holds no hit and cannot be replayed")
	require.ErrorContains(t, named.Run(t.Context(), quiet), "cannot be replayed")

	result = r.discard(dead.Filter{Reason: outcome.Undecodable})
	require.EqualValues(t, 1, *result.Discarded)
	require.Zero(t, result.Undecodable)
	require.Equal(t, map[dead.Status]int{dead.Replayed: 2, dead.Discarded: 1}, r.statuses())
}

func TestReplayThatCannotPublishLeavesTheRestOpenAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.die(3, outcome.OfferPaused)
	r.topology.Prefix += "missing."
	replay, err := r.Replay(t.Context(), dead.Filter{}, ann)
	require.NoError(t, err)
	require.Contains(t, replay.Result.Warnings[0], "whether a worker runs cannot be seen")
	err = replay.Run(t.Context(), quiet)
	require.ErrorIs(t, err, rabbit.ErrUnroutable)
	require.Contains(t, failure.Hint(err), "integr8 topology")
	require.Zero(t, *replay.Result.Replayed)
	require.Equal(t, map[dead.Status]int{dead.Open: 3}, r.statuses())
}

func TestReplayOfAnUnknownReceiptDoesNothing(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	known, unknown := r.die(1, outcome.OfferPaused)[0], uuid.New()
	_, err := r.Replay(t.Context(), only(known, unknown), ann)
	require.EqualError(t, err, "no dead letter "+unknown.String()+"; nothing was done")
	require.Equal(t, "`integr8 trace "+unknown.String()+"` shows what became of the hit", failure.Hint(err))
	require.Equal(t, map[dead.Status]int{dead.Open: 1}, r.statuses())
}

// TestReplayWarnsOfWhatWillKeepHitsFromABetterEnd: no worker, an offer that is still
// paused, and a click whose visitor was not sent on, which no replay can change.
func TestReplayWarnsOfWhatWillKeepHitsFromABetterEnd(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.die(2, outcome.OfferPaused)
	click := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Click, ReceivedAt: time.Now().UTC(), Method: "GET", Path: "/click", Refusal: outcome.OfferPaused,
		AccountID: r.ID, OfferID: r.Offer, TransactionID: r.keys.Mint(time.Now())}
	request, err := click.Encode()
	require.NoError(t, err)
	require.NoError(t, r.store.Write(t.Context(), []*attribution.Record{{Hit: click, Request: request, Decision: attribution.Decision{
		Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: r.ID, OfferID: r.Offer}}}))
	warnings := func() []string {
		replay, err := r.Replay(t.Context(), dead.Filter{}, ann)
		require.NoError(t, err)
		return replay.Result.Warnings
	}
	inVain := "1 hit will die again, because the visitor was not sent on, and no replay makes a visit of it"
	unserved := []string{
		"no worker takes from the queue " + r.topology.Prefix + "clicks, so what is replayed waits there: start `integr8 work`",
		"no worker takes from the queue " + r.topology.Prefix + "postbacks, so what is replayed waits there: start `integr8 work`",
	}
	require.Equal(t, append(unserved, inVain), warnings())

	paused := attribution.Paused
	_, err = r.store.EditOffer(t.Context(), r.ID, r.Offer, reference.OfferChange{Status: &paused})
	require.NoError(t, err)
	require.Contains(t, warnings()[3], "2 hits will die again, because offer 1 is still paused: `integr8 offer edit 1 --status active`")
	require.Equal(t, inVain, warnings()[2])
}

// TestTheEndOfTheContextEndsTheWaitAndNotTheReplay: the result has the outcomes that
// are known by then.
func TestTheEndOfTheContextEndsTheWaitAndNotTheReplay(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.die(2, outcome.HandlerFailed)
	r.subscribe() // a consumer that settles nothing stands for a slow worker
	replay, err := r.Replay(t.Context(), dead.Filter{}, ann)
	require.NoError(t, err)
	require.Empty(t, replay.Result.Warnings)
	replay.Wait = patience
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	require.NoError(t, replay.Run(ctx, func(step string, done, total int64) {
		if step == "decided" {
			interrupt()
		}
	}))
	require.EqualValues(t, 2, *replay.Result.Replayed)
	require.EqualValues(t, 2, *replay.Result.OnTheWay)
	require.Equal(t, map[dead.Status]int{dead.Replayed: 2}, r.statuses())
}
