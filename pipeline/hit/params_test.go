package hit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// TestEveryParameterOfTheContractHasOneClass reads the constants from the source, because
// one that is in no list would count as a bystander, and its value could be dropped.
func TestEveryParameterOfTheContractHasOneClass(t *testing.T) {
	source, err := parser.ParseFile(token.NewFileSet(), "params.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var declared []string
	ast.Inspect(source, func(node ast.Node) bool {
		if value, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(value.Names[0].Name, "Param") {
			name, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			declared = append(declared, name)
		}
		return true
	})
	require.Contains(t, declared, hit.ParamUserEmail)
	require.ElementsMatch(t, declared, slices.Concat([]string{hit.ParamSecure}, hit.Deciding[:], hit.Details[:]),
		"each constant is in deciding or in details, once")
}
