package dead_test

import (
	"strings"
	"testing"

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
