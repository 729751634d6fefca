package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	quotedPath = regexp.MustCompile("`((?:cmd|handlers|pipeline|sql)/[^`\\s]+)`")
	quotedName = regexp.MustCompile("`(?:[a-z]+\\.)?([A-Za-z_]+)`")
)

func TestThePagesForEngineersNamePathsThatExist(t *testing.T) {
	for _, page := range []string{"../.github/ARCHITECTURE.md", "../.github/CONTRIBUTING.md"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, path := range pathsIn(string(text)) {
			_, err := os.Stat(path)
			require.NoError(t, err, page)
		}
	}
}

// TestHowToAddNamesWhatIsThere looks for each name of a row in the files that the row
// names.
func TestHowToAddNamesWhatIsThere(t *testing.T) {
	page, err := os.ReadFile("../.github/CONTRIBUTING.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(page), "## How to add")
	table, _, _ = strings.Cut(table, "## Glossary")
	names := 0
	for row := range strings.Lines(table) {
		source := sourceOf(t, pathsIn(row))
		for _, name := range quotedName.FindAllStringSubmatch(row, -1) {
			names++
			if !strings.Contains(source, name[1]) {
				t.Errorf("no file of its row has %s: %.60s", name[0], row)
			}
		}
	}
	require.Greater(t, names, 30, "too few to prove anything")
}

// pathsIn returns the paths in backquotes, but for those with a word to fill in.
func pathsIn(text string) []string {
	var paths []string
	for _, found := range quotedPath.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(found[1], "NOUN") {
			paths = append(paths, filepath.Join("..", found[1]))
		}
	}
	return paths
}

// sourceOf returns the text of the files, and of those that lie in the directories.
func sourceOf(t *testing.T, paths []string) string {
	t.Helper()
	var whole strings.Builder
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			files, err = filepath.Glob(filepath.Join(path, "*.*"))
			require.NoError(t, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			whole.Write(text)
		}
	}
	return whole.String()
}
