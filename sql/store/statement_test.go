package store_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sqlfiles "integr8/sql"
)

var (
	commentLine = regexp.MustCompile(`(?m)^\s*--.*\n`)
	// numbered and named find parameters with their type, if they have one.
	numbered  = regexp.MustCompile(`\$\d+(::[a-z]+)?`)
	named     = regexp.MustCompile(`(CAST\()?:+[a-z_]+( AS [a-z]+)?`)
	colonName = regexp.MustCompile(`:[a-z_]+`)
)

// untyped lists the parameters of a statement whose type Postgres would have to
// guess. Of "$1 = 0" it makes a four-byte integer, which an id need not fit.
func untyped(statement string) []string {
	var found []string
	for _, parameter := range numbered.FindAllString(statement, -1) {
		if !strings.Contains(parameter, "::") {
			found = append(found, parameter)
		}
	}
	for _, parameter := range named.FindAllString(statement, -1) {
		cast := strings.HasPrefix(parameter, "::")
		typed := strings.HasPrefix(parameter, "CAST(:") && strings.Contains(parameter, " AS ")
		if !cast && !typed {
			found = append(found, parameter)
		}
	}
	return found
}

func TestAParameterWithoutATypeIsSeen(t *testing.T) {
	for statement, want := range map[string][]string{
		"SELECT $1::bigint, x::text, $2::uuid[]":       nil,
		"SELECT CAST(:account_id AS bigint), '1 :: 2'": nil,
		"WHERE ($1 = 0 OR account_id = $1::bigint)":    {"$1"},
		"WHERE ($1::bigint = 0 OR account_id = $12)":   {"$12"},
		"WHERE account_id = :account_id":               {":account_id"},
	} {
		require.Equal(t, want, untyped(statement), statement)
	}
}

// statementsInFiles returns the statements of sql/queries by their path.
func statementsInFiles(t *testing.T) map[string]string {
	t.Helper()
	statements := map[string]string{}
	files := os.DirFS(filepath.Join("..", "queries"))
	require.NoError(t, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".sql") {
			statements[path] = commentLine.ReplaceAllString(sqlfiles.Query(strings.TrimSuffix(path, ".sql")), "")
		}
		return err
	}))
	require.NotEmpty(t, statements)
	return statements
}

// statementsInCode returns the statements that the code of this package holds, by
// their place.
func statementsInCode(t *testing.T) map[string]string {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	statements := map[string]string{}
	begins := regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|SET|LOCK)\s`)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, source, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			if begins.MatchString(text) {
				statements[files.Position(literal.Pos()).String()] = text
			}
			return true
		})
	}
	require.NotEmpty(t, statements)
	return statements
}

func TestEveryParameterOfAStatementHasAType(t *testing.T) {
	for _, statements := range []map[string]string{statementsInFiles(t), statementsInCode(t)} {
		for place, statement := range statements {
			require.Empty(t, untyped(statement), "%s: write $1::bigint or CAST(:name AS bigint)", place)
		}
	}
}

func TestEveryStatementFitsTheSchema(t *testing.T) {
	b := openBooks(t)
	for _, statements := range []map[string]string{statementsInFiles(t), statementsInCode(t)} {
		for place, statement := range statements {
			parameters := 0
			statement = named.ReplaceAllStringFunc(statement, func(found string) string {
				if strings.HasPrefix(found, "::") {
					return found
				}
				parameters++
				return colonName.ReplaceAllString(found, fmt.Sprintf("$$%d", parameters))
			})
			b.plan(place, statement)
		}
	}
}

// planned matches statements that are planned.
var planned = regexp.MustCompile(`^\s*(--.*\n\s*)*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// plan has the server prepare a statement and plan it: which unique index an
// ON CONFLICT means is looked up by the planner only.
func (b *books) plan(place, statement string) {
	b.t.Helper()
	if !planned.MatchString(statement) {
		prepared, err := b.db.PrepareContext(b.t.Context(), statement)
		require.NoError(b.t, err, "%s: %s", place, statement)
		require.NoError(b.t, prepared.Close())
		return
	}
	session, err := b.db.Connx(b.t.Context())
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, session.Close()) }()
	_, err = session.ExecContext(b.t.Context(), "PREPARE asked AS "+statement)
	require.NoError(b.t, err, "%s: %s", place, statement)
	var parameters int
	require.NoError(b.t, session.GetContext(b.t.Context(), &parameters,
		"SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'"))
	arguments := ""
	if parameters > 0 {
		arguments = "(" + strings.Repeat("NULL, ", parameters-1) + "NULL)"
	}
	_, err = session.ExecContext(b.t.Context(), "EXPLAIN EXECUTE asked"+arguments)
	require.NoError(b.t, err, "%s: %s", place, statement)
	_, err = session.ExecContext(b.t.Context(), "DEALLOCATE asked")
	require.NoError(b.t, err)
}
