package sql

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOffersAreReadFromOneListOfColumnsHoweverTheyAreChosen(t *testing.T) {
	rows := Query("offer_rows")
	for _, name := range []string{"offers", "find_offers"} {
		text := Query(name)
		require.Contains(t, text, rows, name)
		require.Equal(t, 1, strings.Count(text, "many_per_click, base_words"), name)
	}
	files, err := fs.Glob(queries, "queries/*.sql")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "queries/"), ".sql")
		require.NotContains(t, Query(name), include, "%s: every file that it includes is put in", name)
	}
}
