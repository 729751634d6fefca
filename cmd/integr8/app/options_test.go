package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryOptionIsRead looks in the source of this package for a place that reads each
// option: one that is set by a command and read by nobody would have no effect.
func TestEveryOptionIsRead(t *testing.T) {
	t.Parallel()
	read := readOptions(t)
	for _, options := range []reflect.Type{
		reflect.TypeFor[Options](), reflect.TypeFor[Receiver](), reflect.TypeFor[Worker](), reflect.TypeFor[Web](), reflect.TypeFor[Admin](),
	} {
		for field := range options.Fields() {
			name := options.Name() + "." + field.Name
			require.True(t, read[name], "no process reads %s: give it to what needs it", name)
		}
	}
	require.False(t, read["Worker.Addr"], "an option of another struct is another option")
}

// readOptions returns the options that the functions of this package read, as
// Worker.Prefetch. They read p.options.Worker.Prefetch, or options.Prefetch after
// options := p.options.Worker.
func readOptions(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	read := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				readIn(function, read)
			}
		}
	}
	return read
}

// readIn adds the options that a function reads.
func readIn(function *ast.FuncDecl, read map[string]bool) {
	names := map[string]string{"options": "Options"}
	ast.Inspect(function, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			if into, ok := node.Lhs[0].(*ast.Ident); ok {
				if from, ok := node.Rhs[0].(*ast.SelectorExpr); ok {
					names[into.Name] = structOf(from, names)
				}
			}
		case *ast.SelectorExpr:
			read[structOf(node.X, names)+"."+node.Sel.Name] = true
		}
		return true
	})
}

// structOf names the struct of options that an expression stands for.
func structOf(expression ast.Expr, names map[string]string) string {
	switch expression := expression.(type) {
	case *ast.Ident:
		return names[expression.Name]
	case *ast.SelectorExpr:
		if expression.Sel.Name == "options" {
			return "Options"
		}
		return expression.Sel.Name
	}
	return ""
}
