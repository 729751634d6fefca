package store_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sqlfiles "integr8/sql"
)

func TestEveryStatementFitsTheSchema(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for _, name := range sqlfiles.Queries() {
		b.plan(name, sqlfiles.Query(name).Text)
	}
}

// planned matches statements that are planned.
var planned = regexp.MustCompile(`^\s*(--.*\n\s*)*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// plan makes the server prepare and plan a statement, because only the planner looks
// up the unique index of an ON CONFLICT.
func (b *books) plan(name, statement string) {
	b.t.Helper()
	require.Regexp(b.t, planned, statement, name)
	session, err := b.db.Connx(b.t.Context())
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, session.Close()) }()
	_, err = session.ExecContext(b.t.Context(), "PREPARE asked AS "+statement)
	require.NoError(b.t, err, "%s: %s", name, statement)
	var parameters int
	require.NoError(b.t, session.GetContext(b.t.Context(), &parameters,
		"SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'"))
	require.Len(b.t, sqlfiles.Query(name).Parameters, parameters, name)
	arguments := ""
	if parameters > 0 {
		arguments = "(" + strings.Repeat("NULL, ", parameters-1) + "NULL)"
	}
	_, err = session.ExecContext(b.t.Context(), "EXPLAIN EXECUTE asked"+arguments)
	require.NoError(b.t, err, "%s: %s", name, statement)
	_, err = session.ExecContext(b.t.Context(), "DEALLOCATE asked")
	require.NoError(b.t, err)
}

// sources are the files of this package and of pg, without tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	of, err := filepath.Glob("pg/*.go")
	require.NoError(t, err)
	files := map[string]*ast.File{}
	for _, path := range append(paths, of...) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
	}
	return files
}

// textOf returns the value of a text literal.
func textOf(node ast.Node) (string, bool) {
	literal, ok := node.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

func TestNoStatementIsInTheCode(t *testing.T) {
	t.Parallel()
	begins := regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|SET|LOCK)\s`)
	for path, file := range sources(t) {
		ast.Inspect(file, func(node ast.Node) bool {
			if text, ok := textOf(node); ok {
				require.NotRegexp(t, begins, text, path)
			}
			return true
		})
	}
}

// givenByTable holds the parameters whose names are in a table in the code, separate
// from the values.
var givenByTable = map[string][]string{
	"advertisers/list": {"account_id"}, "publishers/list": {"account_id"}, "domains/list": {"account_id"}, "tokens/list": {"account_id"},
	"keys/list": {"account_id"}, "alerts/rules": {"account_id"}, "alerts/webhooks": {"account_id"},
	"advertisers/owner": {"id"}, "publishers/owner": {"id"}, "offers/owner": {"id"}, "domains/owner": {"id"}, "tokens/owner": {"id"},
	"accounts/namesakes": {"id", "most"}, "advertisers/namesakes": {"id", "most"},
	"publishers/namesakes": {"id", "most"}, "offers/namesakes": {"id", "most"},
	"dead_letters/delete_closed": {"kept_seconds", "most"}, "dead_letters/delete_unknown_token": {"kept_seconds", "most"}, "attempts/delete": {"kept_seconds", "most"},
	"dead_letters/newest": deadLetterPage, "dead_letters/oldest": deadLetterPage,
	"secrets/see": {"fingerprints", "signer"}, "secrets/register": {"fingerprints", "signer"},
	"snapshots/tokens": tablePage, "snapshots/publishers": tablePage, "snapshots/offers": tablePage,
	"snapshots/some_tokens": parties, "snapshots/some_domains": parties, "publishers/find": parties, "offers/find": parties,
	// These run for one era at a time, and so have only these parameters.
	"clicks/find": {"transaction_ids"}, "hits/requests": {"ids"}, "hits/none": nil, "hits/lock_decided": {"ids"},
	"sessions/set_up": {"names", "values"},
	"books/streams":   {"grace_seconds"}, "books/statements": nil, "books/blocks": nil, "books/removed": nil, "books/rows": {"low", "high"},
	"hits/find": {"ids", "account_id", "offer_id", "publisher_id", "kind", "outcome", "reason", "tests", "received_from", "received_to", "ip", "order_id",
		"external_id", "sub_id", "device_id", "token", "email_hash", "first_id", "end_id", "page"},
}

var (
	tablePage = []string{"after_account", "after_id", "page"}
	parties   = []string{"account_ids", "ids"}
)

var deadLetterPage = []string{"ids", "statuses", "replayed", "silence", "act", "account_id", "reason", "kind", "offer_id",
	"token_id", "digest_prefix", "advertiser_id", "publisher_id", "network", "text", "text_of_error",
	"since", "until", "page", "after_died_at", "after_id"}

// TestEveryStatementGetsItsParameters visits each use of a statement in the code,
// and compares the names of its parameters with those that are passed there. (The
// parameters of a batch are compared when the program starts.)
func TestEveryStatementGetsItsParameters(t *testing.T) {
	t.Parallel()
	visited := map[string]bool{}
	compare := func(path, name string, given []string) {
		require.ElementsMatch(t, sqlfiles.Query(name).Parameters, given, "%s: %s", path, name)
		visited[name] = true
	}
	statements := sqlfiles.Queries()
	isName := regexp.MustCompile(`^[a-z_]+/[a-z_]+$`)
	files := sources(t)
	filters, functions := filtersIn(files), functionsIn(files)
	for path, file := range files {
		names := argumentsOf{}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.FuncDecl:
				names = maps.Clone(functions)
				for _, parameter := range node.Type.Params.List {
					for _, name := range parameter.Names {
						names[name.Name] = filters[fmt.Sprint(parameter.Type)]
					}
				}
			}
			if text, ok := textOf(node); ok && isName.MatchString(text) {
				require.Contains(t, statements, text, "%s: there is no such statement", path)
				if given, ok := givenByTable[text]; ok {
					compare(path, text, given)
				}
			}
			for name, given := range names.statementsOf(node) {
				compare(path, name, given)
			}
			return true
		})
	}
	for _, name := range statements {
		require.True(t, visited[name], "nothing runs the statement %s", name)
	}
}

// argumentsOf holds the names that a function, or the method arguments of a variable,
// returns.
type argumentsOf map[string][]string

// filtersIn returns the names that the methods arguments return, by their type.
func filtersIn(files map[string]*ast.File) map[string][]string {
	filters := map[string][]string{}
	for _, file := range files {
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Name.Name != "arguments" {
				continue
			}
			ast.Inspect(function.Body, func(node ast.Node) bool {
				if literal, ok := node.(*ast.CompositeLit); ok && fmt.Sprint(literal.Type) == "args" {
					filters[fmt.Sprint(function.Recv.List[0].Type)], _ = argumentsOf{}.of(literal)
				}
				return true
			})
		}
	}
	return filters
}

// functionsIn returns the names that functions of one filter return, by their names.
func functionsIn(files map[string]*ast.File) argumentsOf {
	functions := argumentsOf{}
	for _, file := range files {
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Recv != nil || function.Type.Results == nil || fmt.Sprint(function.Type.Results.List[0].Type) != "args" {
				continue
			}
			ast.Inspect(function.Body, func(node ast.Node) bool {
				if literal, ok := node.(*ast.CompositeLit); ok && fmt.Sprint(literal.Type) == "args" {
					functions[function.Name.Name], _ = argumentsOf{}.of(literal)
				}
				return true
			})
		}
	}
	return functions
}

// statementsOf returns the names of the statements that a call or a row of a table runs,
// each with the names that it passes, where both are in the code there.
func (a argumentsOf) statementsOf(node ast.Node) map[string][]string {
	var parts []ast.Expr
	switch node := node.(type) {
	case *ast.CallExpr:
		if strings.HasSuffix(fmt.Sprint(node.Fun), "batchOf") {
			name, ok := textOf(node.Args[0])
			if !ok {
				return nil
			}
			return map[string][]string{name: sqlfiles.Query(name).Parameters}
		}
		parts = node.Args
	case *ast.CompositeLit:
		parts = node.Elts
	default:
		return nil
	}
	found := map[string][]string{}
	for i, part := range parts[:max(0, len(parts)-1)] {
		name, isText := textOf(part)
		if !isText || !slices.Contains(sqlfiles.Queries(), name) {
			continue
		}
		if given, ok := a.of(parts[i+1]); ok {
			found[name] = given
		}
	}
	return found
}

// of returns the names of an expression of type args.
func (a argumentsOf) of(values ast.Expr) (names []string, ok bool) {
	switch values := values.(type) {
	case *ast.Ident:
		return nil, values.Name == "nil"
	case *ast.CompositeLit:
		if fmt.Sprint(values.Type) != "args" {
			return nil, false
		}
		for _, element := range values.Elts {
			name, isText := textOf(element.(*ast.KeyValueExpr).Key)
			names, ok = append(names, name), isText
		}
		return names, ok
	case *ast.CallExpr:
		if function, ok := values.Fun.(*ast.Ident); ok {
			names, ok = a[function.Name]
			return names, ok
		}
		method, isMethod := values.Fun.(*ast.SelectorExpr)
		switch {
		case isMethod && method.Sel.Name == "arguments":
			names, ok = a[fmt.Sprint(method.X)]
			return names, ok
		case isMethod && method.Sel.Name == "with":
			first, ok := a.of(method.X)
			more, okMore := a.of(values.Args[0])
			return slices.Concat(first, more), ok && okMore
		}
	}
	return nil, false
}
