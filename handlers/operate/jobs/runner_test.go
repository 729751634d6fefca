package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
)

// TestAJobGoesOnAfterAProcessThatDiedBetweenPublishAndMark: hits that were under way have
// one event of the job each, also those that were decided meanwhile.
func TestAJobGoesOnAfterAProcessThatDiedBetweenPublishAndMark(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	letters := o.die(60)
	job := o.order(history.Replay, 200) // 20 at once

	// A process that publishes the first page, of which workers decide hits, and dies.
	taken, err := o.store.TakeJob(t.Context(), time.Minute)
	require.NoError(t, err)
	o.after = func() { panic("killed") }
	require.Panics(t, func() { _, _ = o.Letters.Continue(t.Context(), taken.Kept, &run{o.store, taken.Run}) })
	o.after = nil
	require.Equal(t, map[int]int{1: 20}, o.times())
	require.Zero(t, o.count("dead_letter_events WHERE event = 'replayed'"))
	o.db.MustExec(`INSERT INTO dead_letter_events (letter_id, event, account_id, outcome) VALUES ($1, 'resolved', $2, 'converted')`, letters[0], o.ID)
	o.db.MustExec(`UPDATE dead_letters SET status = 'resolved' WHERE id = $1`, letters[0])
	o.db.MustExec(`INSERT INTO dead_letter_events (letter_id, event, account_id, outcome, reason) VALUES ($1, 'died', $2, 'rejected', 'offer_paused')`, letters[1], o.ID)
	o.db.MustExec(`UPDATE dead_letters SET died_at = now(), deaths = 2 WHERE id = $1`, letters[1])
	o.db.MustExec(`DELETE FROM dead_letters WHERE id = $1`, letters[2])
	taken.Lock.Release()

	o.run()
	done := o.ended(job.ID)
	require.Equal(t, jobs.Done, done.State)
	require.EqualValues(t, 60, done.Swept)
	require.EqualValues(t, 59, *done.Result.Replayed)
	require.Equal(t, 59, o.count("dead_letter_events WHERE event = 'replayed' AND act = $1", done.Result.Act))
	require.Equal(t, 59, o.count("(SELECT DISTINCT letter_id FROM dead_letter_events WHERE event = 'replayed') AS letters"))
	require.Equal(t, map[int]int{1: 41, 2: 19}, o.times(), "what may have been published is published again, and nothing else")
	// The event of the replay comes before what it led to.
	for _, letter := range letters[:2] {
		events, err := o.store.DeadEvents(t.Context(), letter)
		require.NoError(t, err)
		require.Equal(t, dead.WasReplayed, events[letter][1].Event)
	}
	require.Equal(t, 1, o.count("dead_letters WHERE status = 'resolved'"))
	require.Equal(t, 1, o.count("dead_letters WHERE status = 'open'"))
	followed := o.becomes(job.ID, func(job jobs.Job) bool { return len(job.Result.Became) == 2 })
	require.EqualValues(t, 57, *followed.Result.OnTheWay)
}

// run is a dead.Keeper without a bound of time.
type run struct {
	jobs.RunStore
	jobs.Run
}

func (r *run) KeepUnderWay(ctx context.Context, letters []dead.Mark) error {
	return r.RunStore.KeepUnderWay(ctx, r.Run, letters)
}

func (r *run) Settle(ctx context.Context, letters []dead.Letter, act dead.Act, reached func(map[uuid.UUID]dead.Status) dead.Checkpoint) error {
	return r.SettleInJob(ctx, r.Run, letters, act, reached)
}

// TestAProcessThatLostAJobSettlesNothing: it hung until the server took the lock away, and
// goes on while another process has the job.
func TestAProcessThatLostAJobSettlesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.die(5)
	job := o.order(history.Discard, 5000)
	hung, err := o.store.TakeJob(t.Context(), 5*time.Second)
	require.NoError(t, err)
	defer hung.Lock.Release()
	none, err := o.store.TakeJob(t.Context(), time.Minute)
	require.NoError(t, err)
	require.Nil(t, none, "it has the lock")

	var other *jobs.Taken
	require.Eventually(t, func() bool {
		other, err = o.store.TakeJob(t.Context(), time.Minute)
		return err == nil && other != nil
	}, patience, 10*time.Millisecond, "it was silent")
	defer other.Lock.Release()
	require.Equal(t, job.ID, other.Job)
	finished, err := o.Letters.Continue(t.Context(), hung.Kept, &run{o.store, hung.Run})
	require.ErrorIs(t, err, jobs.ErrLost)
	require.False(t, finished)
	require.ErrorIs(t, o.store.KeepUnderWay(t.Context(), hung.Run, nil), jobs.ErrLost)
	require.ErrorIs(t, o.store.EndJob(t.Context(), hung.Run, jobs.Done), jobs.ErrLost)
	_, err = o.store.DelayJob(t.Context(), hung.Run, "late", true, 1)
	require.ErrorIs(t, err, jobs.ErrLost)
	_, err = hung.Lock.Beat(t.Context())
	require.Error(t, err)
	require.Equal(t, 5, o.count("dead_letters WHERE status = 'open'"))
	require.Zero(t, o.count("dead_letter_events WHERE act IS NOT NULL"))

	finished, err = o.Letters.Continue(t.Context(), other.Kept, &run{o.store, other.Run})
	require.NoError(t, err)
	require.True(t, finished)
	require.Equal(t, 5, o.count("dead_letters WHERE status = 'discarded'"))
}

// TestAStoppedProcessLeavesItsJobToTheNext: what is done stays done, and no letter is
// settled twice.
func TestAStoppedProcessLeavesItsJobToTheNext(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.die(100)
	job := o.order(history.Replay, 50)
	for stops := 0; ; stops++ {
		before, err := o.store.Job(t.Context(), 0, job.ID)
		require.NoError(t, err)
		if before.State.Ended() {
			require.Greater(t, stops, 1)
			break
		}
		stop := o.run()
		o.becomes(job.ID, func(now jobs.Job) bool { return now.State.Ended() || now.Swept >= before.Swept+30 })
		stop()
	}
	require.Equal(t, map[int]int{1: 100}, o.times())
	require.Equal(t, 100, o.count("dead_letter_events WHERE event = 'replayed'"))
}

// TestAJobPassesOverWhatItCannotReplay: letters that hold no hit, and those that somebody
// else has discarded, stay as they are, and are counted.
func TestAJobPassesOverWhatItCannotReplay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 12 {
		require.NoError(t, o.store.WriteUndecodable(t.Context(), attribution.Undecodable{ID: uuid.Must(uuid.NewV7()), Payload: []byte("no hit")}))
	}
	letters := o.die(12)
	job, err := o.Create(t.Context(), jobs.Order{Act: history.Replay, PerSecond: 50, By: ann})
	require.NoError(t, err)
	discard, err := o.Letters.Discard(t.Context(), dead.Filter{IDs: letters[:2]}, ann)
	require.NoError(t, err)
	require.NoError(t, discard.Run(t.Context(), func(string, int64, int64) {}))
	o.run()
	done := o.ended(job.ID)
	require.EqualValues(t, 24, done.Result.Chosen)
	require.EqualValues(t, 22, done.Swept)
	require.EqualValues(t, 10, *done.Result.Replayed)
	require.EqualValues(t, 12, done.Result.Undecodable)
	require.Equal(t, map[int]int{1: 10}, o.times())
}

// TestACancelledJobSettlesWhatItHadUnderWay: its hits may have been published, and no more
// are.
func TestACancelledJobSettlesWhatItHadUnderWay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.die(60)
	job := o.order(history.Replay, 200)
	taken, err := o.store.TakeJob(t.Context(), time.Minute)
	require.NoError(t, err)
	o.after = func() { panic("killed") }
	require.Panics(t, func() { _, _ = o.Letters.Continue(t.Context(), taken.Kept, &run{o.store, taken.Run}) })
	o.after = nil
	cancelling, err := o.Cancel(t.Context(), o.ID, job.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Cancelling, cancelling.State)
	taken.Lock.Release()
	o.run()
	ended := o.ended(job.ID)
	require.Equal(t, jobs.Cancelled, ended.State)
	require.EqualValues(t, 20, ended.Swept)
	require.Equal(t, 20, o.count("dead_letter_events WHERE event = 'replayed'"))
	require.Equal(t, map[int]int{2: 20}, o.times())
}

// TestAnOutageEndsNoJobHoweverLong: as a failure would after five times.
func TestAnOutageEndsNoJobHoweverLong(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.die(3)
	o.refusals = 7
	job := o.order(history.Replay, 0)
	stop := o.run()
	o.becomes(job.ID, func(job jobs.Job) bool { return job.Problem != "" })
	done := o.ended(job.ID)
	stop()
	require.Equal(t, jobs.Done, done.State)
	require.Empty(t, done.Problem)
	require.Zero(t, o.refusals)
	require.Equal(t, map[int]int{1: 3}, o.times())
}

func TestJobsAreForgottenLongAfterTheirEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	old, waiting := o.order(history.Discard, 0), o.order(history.Discard, 0)
	_, err := o.Cancel(t.Context(), 0, old.ID)
	require.NoError(t, err)
	o.db.MustExec(`UPDATE jobs SET created_at = now() - interval '100 days', ended_at = ended_at - interval '91 days'`)
	require.NoError(t, o.store.ForgetJobs(t.Context(), 90*24*time.Hour))
	page, err := o.Page(t.Context(), jobs.Filter{}, "", 10)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, waiting.ID, page.Items[0].ID)
}
