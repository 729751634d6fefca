package hit

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryRefusalTellsTheSenderWhatToDoInOneLine(t *testing.T) {
	general := Refusal("no such refusal").Text("")
	seen := map[string]Refusal{}
	forVisitors := []Refusal{OfferPaused, PublisherPaused} // they can do nothing, and need not know which
	for _, refusal := range Refusals() {
		if slices.Contains(forVisitors, refusal) {
			require.Equal(t, "this offer is not available at the moment", refusal.Text(""))
			continue
		}
		text := refusal.Text("")
		require.NotEqual(t, general, text, refusal)
		require.NotContains(t, text, "\n", refusal)
		require.Contains(t, text, ": ", "%s says what to send instead", refusal)
		require.Empty(t, seen[text], "%s and %s say the same", refusal, seen[text])
		seen[text] = refusal
	}
	require.Len(t, seen, 24)
}

func TestRefusalNamesItsSubject(t *testing.T) {
	for _, refusal := range []Refusal{RepeatedParameter, MalformedRequest, InvalidText, InvalidAmount, ValueTooLong} {
		require.True(t, strings.HasPrefix(refusal.Text("revenue"), "revenue "), refusal)
	}
}
