// Package cmd_test holds the tests that are about the repository as a whole:
// which room may use which, and what lies at the top.
package cmd_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is the path before every import of our own.
const module = "integr8/"

// arrows says which rooms a room may use, besides itself and what is within
// it. A room is a directory with all below it; the longest that fits a package
// counts. Rooms that a room may use are named one by one: handlers does not
// stand for handlers/attribution.
var arrows = map[string][]string{
	"cmd":                  {"handlers", "handlers/attribution", "handlers/console", "pipeline", "sql/store", "cmd/devstack/ports", "cmd/devstack/private"},
	"cmd/devstack/ports":   {},
	"cmd/devstack/private": {},
	"handlers":             {"handlers/attribution", "pipeline", "sql/store"},
	"handlers/console":     {"handlers", "handlers/attribution", "pipeline", "sql/store"},
	"handlers/attribution": {},
	"pipeline":             {},
	"sql":                  {},
	"sql/store":            {"sql", "handlers/attribution", "pipeline/batch", "pipeline/failure", "pipeline/hit"},
	"sql/store/storetest":  {"sql", "sql/store", "handlers/attribution", "pipeline/batch", "pipeline/failure", "pipeline/hit"},
}

// testOnly are rooms that tests may use, of every room from which sql/store
// may be used, and nothing else.
const testOnly = "sql/store/storetest"

// bounds of single rooms, beyond arrows: imports that they may not have,
// because the room promises to do without.
var bounds = map[string][]string{
	// No input or output.
	"handlers/attribution": {"os", "os/exec", "net", "net/http", "io/fs", "log", "log/slog", "database/sql"},
	// Only sql/store runs SQL.
	"handlers":    {"database/sql", "github.com/jmoiron/sqlx"},
	"pipeline":    {"database/sql", "github.com/jmoiron/sqlx"},
	"cmd/integr8": {"database/sql", "github.com/jmoiron/sqlx"},
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath   string
	Name         string
	Doc          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func (p listed) path() string { return strings.TrimPrefix(p.ImportPath, module) }

// packages returns every package of the repository, as the build sees it.
func packages(t *testing.T) []listed {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Name,Doc,GoFiles,Imports,TestImports,XTestImports", "./...")
	command.Dir = ".."
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	require.NoError(t, err, "%s", &complaints)
	var found []listed
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		found = append(found, one)
	}
	require.Greater(t, len(found), 10, "go list found too little to prove anything")
	return found
}

// within reports whether a package lies in a room's directory or below.
func within(path, room string) bool {
	return path == room || strings.HasPrefix(path, room+"/")
}

// roomOf returns the room of a package, empty when it has none.
func roomOf(path string) string {
	room := ""
	for candidate := range arrows {
		if within(path, candidate) && len(candidate) > len(room) {
			room = candidate
		}
	}
	return room
}

// allowed reports whether a package may import another of ours.
func allowed(from, to string) bool {
	fromRoom, toRoom := roomOf(from), roomOf(to)
	if fromRoom == "" || toRoom == "" {
		return false
	}
	if fromRoom == toRoom {
		// The commands are separate programs: one takes nothing of another.
		return fromRoom != "cmd" || program(from) == program(to)
	}
	return slices.ContainsFunc(arrows[fromRoom], func(permitted string) bool {
		return roomOf(permitted) == toRoom && within(to, permitted)
	})
}

// program returns the directory of the command that a package belongs to.
func program(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func TestArrowsBetweenRoomsHold(t *testing.T) {
	for _, one := range packages(t) {
		from := one.path()
		require.NotEmpty(t, roomOf(from), "%s is in no room: see DESIGN, or the table of arrows here", from)
		for _, imported := range one.Imports {
			if to, ours := strings.CutPrefix(imported, module); ours && !allowed(from, to) {
				t.Errorf("%s may not import %s", from, to)
			}
			for room, forbidden := range bounds {
				if within(from, room) && slices.Contains(forbidden, imported) {
					t.Errorf("%s may not import %s: %s promises to do without", from, imported, room)
				}
			}
		}
		for _, imported := range slices.Concat(one.TestImports, one.XTestImports) {
			to, ours := strings.CutPrefix(imported, module)
			forTests := to == testOnly && allowed(from, "sql/store")
			if ours && to != from && !forTests && !allowed(from, to) {
				t.Errorf("the tests of %s may not import %s", from, to)
			}
		}
	}
}

// TestArrowsAreWhatTheDesignSays guards the guard: a slip in its table or in
// how it is read would let everything pass.
func TestArrowsAreWhatTheDesignSays(t *testing.T) {
	for _, arrow := range []struct {
		from, to string
		want     bool
	}{
		{"cmd/integr8", "handlers", true},
		{"cmd/integr8", "pipeline/receiver", true},
		{"cmd/integr8", "sql/store", true},
		{"cmd/integr8", "sql", false},
		{"cmd/integr8", "sql/store/storetest", false},
		{"cmd/demo", "cmd/integr8", false},
		{"cmd/chaos", "cmd/chaos/model", true},
		{"handlers", "handlers/attribution", true},
		{"handlers", "pipeline/worker", true},
		{"handlers", "sql/store", true},
		{"handlers", "sql", false},
		{"handlers", "cmd/integr8", false},
		{"handlers/attribution", "pipeline/hit", false},
		{"handlers/attribution", "handlers", false},
		{"sql/store", "handlers/attribution", true},
		{"sql/store", "handlers", false},
		{"sql/store", "pipeline/hit", true},
		{"sql/store", "pipeline/rabbit", false},
		{"sql", "sql/store", false},
		{"pipeline/worker", "pipeline/rabbit", true},
		{"pipeline/worker", "handlers", false},
		{"pipeline/worker", "handlers/attribution", false},
		{"pipeline/worker", "sql/store", false},
		{"tools", "pipeline/hit", false},
	} {
		require.Equal(t, arrow.want, allowed(arrow.from, arrow.to), "%s -> %s", arrow.from, arrow.to)
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, one := range packages(t) {
		if len(one.GoFiles) == 0 { // tests only
			continue
		}
		begin := "Package " + one.Name + " "
		if one.Name == "main" {
			begin = "Command " + one.path()[strings.LastIndex(one.path(), "/")+1:] + " "
		}
		if !strings.HasPrefix(one.Doc, begin) {
			t.Errorf("the doc comment of %s must begin with %q", one.path(), begin)
		}
	}
}

// topLevel is all that may lie at the top of the repository, besides files
// and directories whose names begin with a dot, and what the build makes.
var topLevel = regexp.MustCompile(`^(cmd|pipeline|handlers|sql|docker-compose\.yml|go\.mod|go\.sum|Makefile|README\.md)$`)

func TestTopLevelHoldsOnlyWhatTheDesignNames(t *testing.T) {
	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || name == "bin" {
			continue
		}
		if !topLevel.MatchString(name) {
			t.Errorf("%s does not belong at the top of the repository", name)
		}
	}
}
