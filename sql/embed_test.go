package sql

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestOffersAreReadFromOneListOfColumnsHoweverTheyAreChosen(t *testing.T) {
	rows := Query("offers/rows").Text
	for _, name := range []string{"offers/list", "offers/find"} {
		text := Query(name).Text
		require.Contains(t, text, rows, name)
		require.Equal(t, 1, strings.Count(text, "many_per_click, base_words"), name)
	}
}

func TestDeadLettersAreChosenByOneCondition(t *testing.T) {
	chosen := Query("dead_letters/chosen")
	for _, name := range []string{"newest", "oldest", "count_by_state", "count_by_reason", "senders", "nth_newest"} {
		statement := Query("dead_letters/" + name)
		require.Subset(t, statement.Parameters, chosen.Parameters, name)
		require.Equal(t, 1, strings.Count(statement.Text, "cardinality($")-1, "%s: one for ids, one for statuses", name)
	}
}

func TestFilesThatAreIncludedArePutInAndAreNoStatements(t *testing.T) {
	files, err := fs.Glob(queries, "queries/*/*.sql")
	require.NoError(t, err)
	require.Less(t, len(Queries()), len(files))
	for _, name := range Queries() {
		require.NotContains(t, Query(name).Text, include, name)
	}
	require.NotContains(t, Queries(), "offers/rows")
	require.NotContains(t, Queries(), "dead_letters/chosen")
}

func TestTheProgramDoesNotStartWithAStatementThatCannotBeRead(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no type":         {"queries/hits/find.sql": {Data: []byte("SELECT :id")}},
		"a number":        {"queries/hits/find.sql": {Data: []byte("SELECT $1::uuid")}},
		"no such include": {"queries/hits/find.sql": {Data: []byte("SELECT\n\\ir rows.sql\n")}},
	} {
		require.Panics(t, func() { mustLoad(files) }, name)
	}
	require.PanicsWithValue(t, "there is no statement hits/nowhere", func() { Query("hits/nowhere") })
}

func TestMigrationsAreNumberedWithoutAGap(t *testing.T) {
	files, err := fs.Glob(Migrations, "migrations/*.sql")
	require.NoError(t, err)
	for i, file := range files {
		require.True(t, strings.HasPrefix(file, fmt.Sprintf("migrations/%05d_", i+1)), "%s is the migration number %d", file, i+1)
	}
}
