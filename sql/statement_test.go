package sql

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParametersAreNumberedByTheirNames(t *testing.T) {
	for text, want := range map[string]Statement{
		"SELECT 1": {Text: "SELECT 1"},
		"SELECT :id::uuid, x::text, :ids::uuid[]":                {Text: "SELECT $1::uuid, x::text, $2::uuid[]", Parameters: []string{"id", "ids"}},
		"WHERE :id::bigint = 0 OR id = :id::bigint":              {Text: "WHERE $1::bigint = 0 OR id = $1::bigint", Parameters: []string{"id"}},
		"-- the hits $1 of :id\nSELECT (:ids::uuid[])[1] -- :no": {Text: "-- the hits $1 of :id\nSELECT ($1::uuid[])[1] -- :no", Parameters: []string{"ids"}},
		"SELECT 'a :b ''$1'' :c', \":d\", :e::text":              {Text: "SELECT 'a :b ''$1'' :c', \":d\", $1::text", Parameters: []string{"e"}},
		"SELECT :sub_id_2::double precision * x[1:2]":            {Text: "SELECT $1::double precision * x[1:2]", Parameters: []string{"sub_id_2"}},
	} {
		got, err := parse("", text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
}

func TestAParameterWithoutATypeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"WHERE account_id = :account_id":     "statement hits/find: the parameter account_id has no type: write :account_id::type",
		"WHERE CAST(:id AS bigint) = 0":      "statement hits/find: the parameter id has no type: write :id::type",
		"WHERE :id:: = 0":                    "statement hits/find: the parameter id has no type: write :id::type",
		"WHERE id = :id":                     "statement hits/find: the parameter id has no type: write :id::type",
		"WHERE account_id = $1::bigint OR 1": "statement hits/find: write :name::type instead of $1::",
	} {
		_, err := parse("hits/find", text)
		require.EqualError(t, err, want, text)
	}
}

func TestEachParameterHasAValueAndEachValueAParameter(t *testing.T) {
	statement := Statement{Name: "hits/find", Parameters: []string{"id", "kind"}}
	bound, err := statement.Bind(map[string]any{"kind": "click", "id": 7})
	require.NoError(t, err)
	require.Equal(t, []any{7, "click"}, bound)
	_, err = statement.Bind(map[string]any{"id": 7})
	require.EqualError(t, err, "statement hits/find: no value for its parameter kind")
	_, err = statement.Bind(map[string]any{"id": 7, "kind": nil, "knid": "click"})
	require.EqualError(t, err, "statement hits/find has no parameter knid")
}

var (
	insertion = regexp.MustCompile(`(?s)INSERT INTO \w+(?: AS \w+)? \(([^)]*)\)\s*(?:SELECT|VALUES)\s`)
	unnesting = regexp.MustCompile(`(?s)FROM unnest\(([^)]*)\)\s+AS \w+ \(([^)]*)\)`)
	// written is a parameter as it is, or in one function.
	written = regexp.MustCompile(`^(?:\w+\()?:([a-z_0-9]+)::`)
)

// TestAParameterIsWrittenToTheColumnOfItsName compares the columns of each INSERT
// with its values, and the names of what is unnested with its arrays. So two columns
// that are swapped do not pass unnoticed.
func TestAParameterIsWrittenToTheColumnOfItsName(t *testing.T) {
	compared := map[string]int{}
	for _, name := range Queries() {
		text, err := read(queries, folder+name+extension, map[string]bool{})
		require.NoError(t, err)
		text = regexp.MustCompile(`(?m)^\s*--.*$`).ReplaceAllString(text, "")
		for _, match := range insertion.FindAllStringSubmatchIndex(text, -1) {
			columns := list(text[match[2]:match[3]])
			values := list(strings.TrimPrefix(strings.TrimSpace(text[match[1]:]), "("))
			for i, column := range columns[:min(len(columns), len(values))] {
				compared[name] += requireNamed(t, name, column, values[i])
			}
		}
		for _, match := range unnesting.FindAllStringSubmatch(text, -1) {
			columns, values := list(match[2]), list(match[1])
			if len(values) == 1 {
				continue // there is nothing to swap it with
			}
			for i, column := range columns[:min(len(columns), len(values))] {
				compared[name] += requireNamed(t, name, column, values[i])
			}
		}
	}
	for name, columns := range map[string]int{"hits/insert": 14, "hits/upsert": 14, "clicks/insert": 15, "conversions/insert": 30,
		"dead_letters/upsert": 11, "waiting/insert": 4, "token_leaks/count": 6, "dead_letters/settle": 5, "offers/create": 14} {
		require.GreaterOrEqual(t, compared[name], columns, name)
	}
}

// list splits text at its commas that are in no bracket, up to the first clause.
func list(text string) []string {
	var items []string
	depth, begin := 0, 0
	for i, letter := range text {
		switch {
		case letter == '(':
			depth++
		case letter == ')' && depth == 0, letter == '\n' && depth == 0 && endsList.MatchString(text[i:]):
			return append(items, strings.TrimSpace(text[begin:i]))
		case letter == ')':
			depth--
		case letter == ',' && depth == 0:
			items, begin = append(items, strings.TrimSpace(text[begin:i])), i+1
		}
	}
	return append(items, strings.TrimSpace(text[begin:]))
}

var endsList = regexp.MustCompile(`^\n\s*(FROM|WHERE|ON|ORDER|RETURNING|CROSS|LEFT)\b`)

// requireNamed checks the name of the parameter that a value is, and returns 1 where
// it is one.
func requireNamed(t *testing.T, statement, column, value string) int {
	t.Helper()
	found := written.FindStringSubmatch(value)
	if found == nil {
		return 0
	}
	plurals := []string{column, column + "s", column + "es", strings.TrimSuffix(column, "y") + "ies"}
	if !slices.Contains(plurals, found[1]) {
		t.Errorf("%s writes the parameter %s to the column %s", statement, found[1], column)
	}
	return 1
}
