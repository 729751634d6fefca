package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
)

// ofServers are the commands that only a person at the servers can run. Texts of the API
// and the console name them as they are.
var ofServers = []string{
	"up", "receive", "work", "web", "migrate", "topology", "key", "user", "rollup", "retention", "spool", "secret", "doctor", "healthcheck", "version", "completion", "help",
}

var (
	inBackticks = regexp.MustCompile("`[^`]*`")
	bareFlag    = regexp.MustCompile(`(^|[^\w-])--[a-z]`)
	verbOfText  = regexp.MustCompile(`%[a-z]`)
)

// TestEveryTextNamesCommandsThatExistInBackticks looks at each text of the packages whose
// texts reach people by the API and the console. operate.InWords finds only what is in
// backticks, and leaves no flag of what the API and the console have too.
func TestEveryTextNamesCommandsThatExistInBackticks(t *testing.T) {
	t.Parallel()
	commands := parsedGrammar(t)
	bareCommand := regexp.MustCompile(`\bintegr8 (` + strings.Join(namesOf(commands.Node), "|") + `)\b`)
	seen := 0
	for _, one := range textsOf(t, "../../../handlers", "../../../pipeline/outcome", "../../../sql/store/schema.go") {
		if strings.Contains(one.text, "rabbitmqctl") || strings.HasPrefix(one.text, " --") { // another program; the end of a command
			continue
		}
		quoted, bare := inBackticks.FindAllString(one.text, -1), inBackticks.ReplaceAllString(one.text, "")
		require.False(t, bareFlag.MatchString(bare), "%s: put the flag into backticks: %s", one.at, one.text)
		require.False(t, bareCommand.MatchString(bare), "%s: put the command into backticks: %s", one.at, one.text)
		for _, command := range quoted {
			words := strings.Fields(strings.Trim(verbOfText.ReplaceAllString(command, "1"), "`"))
			if words[0] != "integr8" {
				continue
			}
			seen++
			if words[1] != "1" { // a noun that is filled in
				requireCommand(t, strings.Join(words[1:], " "))
			}
			if shown := operate.InWords(command); slices.Contains(ofServers, words[1]) {
				require.Equal(t, command, shown)
			} else if words[1] != "1" {
				require.NotRegexp(t, "--|integr8|`", shown, one.at)
			}
		}
	}
	require.Greater(t, seen, 60)
}

// TestEveryCommandIsInWordsOrOfTheServers so that a new one is not forgotten.
func TestEveryCommandIsInWordsOrOfTheServers(t *testing.T) {
	t.Parallel()
	for _, name := range namesOf(parsedGrammar(t).Node) {
		command := "`integr8 " + name + "`"
		require.Equal(t, slices.Contains(ofServers, name), operate.InWords(command) == command, name)
	}
}

func namesOf(node *kong.Node) (names []string) {
	for _, child := range node.Children {
		names = append(names, child.Name)
	}
	return names
}

// sourceText is a text of a program, with where it stands.
type sourceText struct{ at, text string }

// textsOf returns the texts of Go files, without those of tests. Of one that is put
// together, values are 1.
func textsOf(t *testing.T, roots ...string) (texts []sourceText) {
	t.Helper()
	files := token.NewFileSet()
	for _, root := range roots {
		require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			parsed, err := parser.ParseFile(files, path, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.BinaryExpr:
					if node.Op == token.ADD {
						texts = append(texts, sourceText{files.Position(node.Pos()).String(), written(node)})
						return false
					}
				case *ast.BasicLit:
					texts = append(texts, sourceText{files.Position(node.Pos()).String(), written(node)})
				case *ast.Field:
					return false // its tag
				}
				return true
			})
			return nil
		}))
	}
	return texts
}

func written(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.BinaryExpr:
		return written(expression.X) + written(expression.Y)
	case *ast.BasicLit:
		if text, err := strconv.Unquote(expression.Value); err == nil && expression.Kind == token.STRING {
			return text
		}
	}
	return "1"
}
