package dead_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/failure"
	"integr8/pipeline/outcome"
)

func TestUndoBringsBackWhatOneDiscardGaveUp(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	first := r.die(2, outcome.OfferPaused)
	r.die(1, outcome.UnknownPublisher)
	act := r.discard(dead.Filter{Reason: outcome.OfferPaused}).Act
	r.discard(dead.Filter{Reason: outcome.UnknownPublisher})

	last, err := r.LastDiscard(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, *r.undo(dead.Filter{Act: last}).Undone)
	require.Equal(t, map[dead.Status]int{dead.Open: 1, dead.Discarded: 2}, r.statuses())
	last, err = r.LastDiscard(t.Context())
	require.NoError(t, err)
	require.Equal(t, act, last)
	require.EqualValues(t, 2, *r.undo(dead.Filter{Act: last}).Undone)
	require.Equal(t, map[dead.Status]int{dead.Open: 3}, r.statuses())
	_, err = r.LastDiscard(t.Context())
	require.ErrorContains(t, err, "no dead discard can be undone")
	require.NotEmpty(t, failure.Hint(err))

	shown, err := r.Show(t.Context(), 0, first[0])
	require.NoError(t, err)
	var whats []string
	for _, line := range shown.History {
		whats = append(whats, line.What)
	}
	require.Equal(t, []string{"received", "died: rejected, offer_paused", "discarded", "the discarding was undone"}, whats)
	require.Equal(t, "a test", shown.History[2].Note)
	require.Equal(t, "ann@desk", shown.History[2].By)
	require.Equal(t, act, *shown.History[2].Act)
}

func TestUndoCountsWhatCannotBeUndone(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	letters := r.die(3, outcome.OfferPaused)
	r.db.MustExec(`UPDATE dead_letters SET status = 'replayed' WHERE id = $1`, letters[0])
	r.db.MustExec(`UPDATE dead_letters SET status = 'resolved' WHERE id = $1`, letters[1])
	undo, err := r.Undo(t.Context(), only(letters...), ann)
	require.NoError(t, err)
	require.Zero(t, undo.Result.Chosen)
	require.ElementsMatch(t, []dead.StateCount{{State: dead.StateOnTheWay, Letters: 1}, {State: dead.StateResolved, Letters: 1}, {State: dead.StateOpen, Letters: 1}},
		undo.Result.NotUndone)

	_, err = r.Undo(t.Context(), only(uuid.New()), ann)
	require.Contains(t, failure.Hint(err), "retention deletes what was discarded long ago, and that cannot be undone")

	junk := r.die(1, outcome.UnknownToken)[0]
	r.db.MustExec(`UPDATE dead_letters SET died_at = now() - interval '40 days' WHERE id = $1`, junk)
	r.discard(only(junk))
	require.EqualValues(t, 1, r.undo(only(junk)).Expiring)
}
