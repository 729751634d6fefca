package console

import (
	"io/fs"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryTextThatMayNameACommandIsInTheWordsOfThePages: hints and problems come from use
// cases, which name the commands of integr8.
func TestEveryTextThatMayNameACommandIsInTheWordsOfThePages(t *testing.T) {
	t.Parallel()
	bare := regexp.MustCompile(`\{\{-? *(\.|\$)?(Data)?\.(Hint|Problem|Stands) *-?\}\}|\{\{-? *with [.$\w]*\.(Hint|Problem|Stands) *-?\}\}[^{]*\{\{-? *\. *-?\}\}|\{\{-? *range [.$\w]*\.(Warnings|Faults|Data) *-?\}\}[^{]*\{\{-? *\. *-?\}\}`)
	seen := 0
	require.NoError(t, fs.WalkDir(templateFiles, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templateFiles, path)
		require.NoError(t, err)
		require.Empty(t, bare.FindAllString(string(text), -1), "%s: write {{inWords ..}}", path)
		seen += len(regexp.MustCompile("inWords").FindAll(text, -1))
		return nil
	}))
	require.Greater(t, seen, 10)
}
