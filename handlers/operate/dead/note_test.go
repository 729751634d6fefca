package dead_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
)

// TestANoteIsShortAndHoldsNoSecret: it is kept for ever.
func TestANoteIsShortAndHoldsNoSecret(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	letter := r.die(1, outcome.OfferPaused)[0]
	long := dead.Operator{Name: "ann@desk", Note: strings.Repeat("é", 501)}
	_, err := r.Discard(t.Context(), only(letter), long)
	require.ErrorIs(t, err, reference.ErrInvalid)

	secret := dead.Operator{Name: "ann@desk", Note: "joe@example.com asked,\x00 with " + "i8t_" + strings.Repeat("d4", 32)}
	discard, err := r.Discard(t.Context(), only(letter), secret)
	require.NoError(t, err)
	require.NoError(t, discard.Run(t.Context(), quiet))
	shown, err := r.Show(t.Context(), 0, letter)
	require.NoError(t, err)
	note := shown.History[2].Note
	require.Contains(t, note, "asked")
	require.NotContains(t, note, "joe")
	require.NotContains(t, note, "d4d4")
	var kept string
	require.NoError(t, r.db.Get(&kept, `SELECT new_values::text FROM history WHERE noun = 'dead'`))
	require.Contains(t, kept, "asked")
	require.NotContains(t, kept, "joe")
}

// TestANoteChangesNothingButTheHistory of letters in any state.
func TestANoteChangesNothingButTheHistory(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	letters := r.die(4, outcome.OfferPaused)
	for i, status := range []dead.Status{dead.Open, dead.Replayed, dead.Resolved, dead.Discarded} {
		r.db.MustExec(`UPDATE dead_letters SET status = $1, status_at = '2026-01-01' WHERE id = $2`, status, letters[i])
	}
	before := r.statuses()
	note, err := r.Note(t.Context(), dead.Filter{Reason: outcome.OfferPaused}, dead.Operator{Name: "ann@desk", Note: "the buyer is asked"})
	require.NoError(t, err)
	require.NoError(t, note.Run(t.Context(), quiet))
	require.EqualValues(t, 4, *note.Result.Noted)
	require.Equal(t, before, r.statuses())
	var touched int
	require.NoError(t, r.db.Get(&touched, `SELECT count(*) FROM dead_letters WHERE status_at <> '2026-01-01'`))
	require.Zero(t, touched, "a replayed letter stays as silent as it was")
	for _, letter := range letters {
		shown, err := r.Show(t.Context(), 0, letter)
		require.NoError(t, err)
		last := shown.History[len(shown.History)-1]
		require.Equal(t, []string{"noted", "the buyer is asked", "ann@desk"}, []string{last.What, last.Note, last.By})
	}
	var acts int
	require.NoError(t, r.db.Get(&acts, `SELECT count(*) FROM history WHERE noun = 'dead' AND act = 'note'`))
	require.Equal(t, 1, acts)

	for _, empty := range []string{"", "  "} {
		_, err = r.Note(t.Context(), dead.Filter{}, dead.Operator{Name: "ann@desk", Note: empty})
		require.ErrorIs(t, err, reference.ErrInvalid)
	}
}

// TestAReplayIsFollowedPastANote: the note is no outcome.
func TestAReplayIsFollowedPastANote(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	letter := r.die(1, outcome.OfferPaused)[0]
	read, err := r.store.DeadLetters(t.Context(), only(letter), dead.OldestFirst, nil, 1)
	require.NoError(t, err)
	_, err = r.store.SettleDeadLetters(t.Context(), read, dead.Act{ID: uuid.New(), Event: dead.WasReplayed, By: "ann@desk"})
	require.NoError(t, err)
	note, err := r.Note(t.Context(), only(letter), ann)
	require.NoError(t, err)
	require.NoError(t, note.Run(t.Context(), quiet))
	ends, err := r.store.ReplayEnds(t.Context(), read)
	require.NoError(t, err)
	require.Empty(t, ends)
}
