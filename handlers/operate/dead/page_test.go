package dead_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/outcome"
	"integr8/sql/store/storetest"
)

// TestPagesNeitherSkipNorRepeat: they go on behind cursors that travel as text, also
// among letters that died at one time.
func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.die(7, outcome.OfferPaused)
	r.db.MustExec(`UPDATE dead_letters SET died_at = date_trunc('hour', died_at)`)
	seen := map[uuid.UUID]bool{}
	var behind dead.Cursor
	for pages := 1; ; pages++ {
		page, err := r.Page(t.Context(), dead.Filter{}, behind, 3)
		require.NoError(t, err)
		for _, letter := range page.Items {
			require.False(t, seen[letter.ID])
			require.NotEmpty(t, letter.Hint)
			seen[letter.ID] = true
		}
		if page.Next == nil {
			require.Equal(t, 3, pages)
			break
		}
		require.NoError(t, behind.UnmarshalText([]byte(*page.Next)))
	}
	require.Len(t, seen, 7)
	for _, text := range []string{"", "x", "AQGiH3Oae30fhTrOVzUXPsV"} {
		require.ErrorIs(t, new(dead.Cursor).UnmarshalText([]byte(text)), dead.ErrCursor)
	}
	_, err := r.Page(t.Context(), dead.Filter{AccountID: 99}, dead.Cursor{}, 3)
	require.ErrorIs(t, err, reference.ErrNotFound)
}

// TestALetterOfAnotherAccountIsNotThere: neither shown nor acted on, and no error tells it
// from one that never was.
func TestALetterOfAnotherAccountIsNotThere(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	other := storetest.NewBareAccount(t, r.store, r.keys, "other")
	letter := r.die(1, outcome.OfferPaused)[0]
	_, err := r.Show(t.Context(), r.ID, letter)
	require.NoError(t, err)
	for _, id := range []uuid.UUID{letter, uuid.New()} {
		_, err = r.Show(t.Context(), other.ID, id)
		require.ErrorIs(t, err, reference.ErrNotFound)
		require.EqualError(t, err, "no dead letter "+id.String())
		require.Equal(t, "`integr8 trace "+id.String()+"` shows what became of the hit", failure.Hint(err))
		filter := dead.Filter{IDs: []uuid.UUID{id}, AccountID: other.ID}
		_, err = r.Replay(t.Context(), filter, ann)
		require.ErrorIs(t, err, reference.ErrNotFound)
		_, err = r.Discard(t.Context(), filter, ann)
		require.ErrorIs(t, err, reference.ErrNotFound)
	}
	shown, err := r.Show(t.Context(), 0, letter)
	require.NoError(t, err)
	require.Equal(t, dead.Open, shown.Status)
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(dead.Behind(&dead.Letter{ID: uuid.MustParse("0195957f-0ab7-7000-8000-000000000001")}).String())
	f.Fuzz(func(t *testing.T, text string) {
		var c dead.Cursor
		if err := c.UnmarshalText([]byte(text)); err != nil {
			require.ErrorIs(t, err, dead.ErrCursor)
		} else {
			require.Equal(t, text, c.String(), "one cursor has one text")
		}
	})
}
