// Package cmd_test holds the tests of the repository as a whole: which room may use
// which, and which files lie at the top.
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

// arrows lists the rooms that a room may use, besides itself and the rooms within it. A
// room is a directory with all below it; a package belongs to the longest that fits.
// Each room that may be used is listed by itself: handlers does not include
// handlers/attribution. An arrow that is missing here is forbidden.
var arrows = map[string][]string{
	"cmd": {"handlers", "handlers/attribution", "handlers/operate", "handlers/api", "handlers/console", "handlers/notify", "handlers/doorclient", "pipeline", "sql/store",
		"cmd/internal"},
	"cmd/internal": {},
	// The drills are tests: they use the bad network.
	"cmd/chaos":        {"handlers", "handlers/attribution", "pipeline", "pipeline/networktest", "sql/store", "cmd/internal"},
	"handlers":         {"handlers/attribution", "pipeline"},
	"handlers/operate": {"handlers/attribution", "pipeline"},
	// They show the hint of an error, which package failure has. The parameters of both are
	// in the words of hits and of reference data.
	"handlers/api":         {"handlers/operate", "handlers/attribution", "pipeline/connection", "pipeline/failure", "pipeline/hit", "pipeline/outcome"},
	"handlers/notify":      {"handlers/operate", "pipeline/connection", "pipeline/failure", "pipeline/token"},
	"handlers/doorclient":  {"handlers/operate", "pipeline/failure", "pipeline/hit", "pipeline/outcome"},
	"handlers/console":     {"handlers/operate", "handlers/attribution", "pipeline/failure", "pipeline/hit", "pipeline/outcome"},
	"handlers/attribution": {"pipeline/hit", "pipeline/outcome", "pipeline/token"},
	"pipeline":             {}, // see pipelineArrows
	"pipeline/networktest": {},

	"pipeline/rabbit/rabbittest": {"pipeline", "pipeline/networktest"},

	"sql": {},
	"sql/store": {"sql", "sql/store/pg", "handlers/attribution", "handlers/operate",
		"pipeline/books", "pipeline/hit", "pipeline/outcome", "pipeline/token"},
	"sql/store/pg":        {"sql", "pipeline/failure"},
	"sql/store/storetest": {"sql", "sql/store", "handlers/attribution", "pipeline/hit", "pipeline/token"},
}

// pipelineArrows lists the packages of the pipeline that a package of it may use. Its
// tests may use any.
var pipelineArrows = map[string][]string{
	"ascii": {}, "batch": {}, "books": {}, "bot": {"ascii"}, "connection": {}, "deadline": {}, "failure": {}, "outcome": {},
	"token":         {"ascii"},
	"hit":           {"ascii", "outcome", "token"},
	"link":          {"hit"},
	"monitor":       {"connection"},
	"queue":         {"hit"},
	"rabbit":        {"batch", "failure"},
	"receiver":      {"bot", "connection", "deadline", "hit", "link", "outcome", "redact", "token"},
	"receiver/edge": {"hit"},
	"redact":        {"ascii", "hit", "token"},
	"spool":         {"batch", "books", "deadline", "failure", "hit"},
	"worker":        {"batch", "deadline", "failure", "outcome", "rabbit"},
}

// testArrows lists the rooms that only the tests of a room may use: they run against
// real servers, through a bad network.
var testArrows = map[string][]string{
	"cmd":       {"sql/store/storetest", "pipeline/rabbit/rabbittest", "pipeline/networktest"},
	"cmd/chaos": {"sql/store/storetest", "pipeline/rabbit/rabbittest"},
	"handlers":  {"handlers/operate/dead", "handlers/operate/reference", "sql/store", "sql/store/storetest", "pipeline/rabbit/rabbittest", "pipeline/networktest"},
	// A store in the tests of the console takes the digests of sessions.
	"handlers/console": {"pipeline/token", "sql/store/storetest"},
	// The tests of operate take the topics of the service as they are.
	"handlers/operate": {"handlers", "sql/store", "sql/store/storetest", "pipeline/rabbit/rabbittest", "pipeline/networktest"},
	"pipeline":         {"pipeline/rabbit/rabbittest", "pipeline/networktest"},
	"sql/store":        {"sql/store/storetest", "pipeline/failure", "pipeline/networktest"},
	"sql/store/pg":     {"pipeline/networktest"},
}

// bounds lists imports that single rooms may not have, beyond arrows, because the room
// promises to work without them.
var bounds = map[string][]string{
	// No input or output.
	"handlers/attribution": {"os", "os/exec", "net", "net/http", "io/fs", "log", "log/slog", "database/sql"},
	// No command line and no terminal: its callers have those, or have none.
	"handlers/operate": {"os", "os/exec", "os/signal", "io", "flag", "net/http", "log", "golang.org/x/term",
		"github.com/alecthomas/kong", "github.com/schollz/progressbar/v3"},
	// Only sql/store runs SQL.
	"handlers":    {"database/sql", "github.com/jmoiron/sqlx", "github.com/lib/pq"},
	"pipeline":    {"database/sql", "github.com/jmoiron/sqlx"},
	"cmd/integr8": {"database/sql", "github.com/jmoiron/sqlx"},
}

// listed is the information of go list about a package.
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

// allowed reports whether a package may import another one of the repository.
func allowed(from, to string) bool {
	fromRoom, toRoom := roomOf(from), roomOf(to)
	switch {
	case fromRoom == "" || toRoom == "":
		return false
	case fromRoom != toRoom:
		return named(arrows[fromRoom], to)
	case fromRoom == "cmd": // the commands are separate programs: none uses a package of another
		return program(from) == program(to)
	case fromRoom == "pipeline":
		return slices.Contains(pipelineArrows[strings.TrimPrefix(from, "pipeline/")], strings.TrimPrefix(to, "pipeline/"))
	default:
		return true
	}
}

// allowedInTests reports whether the tests of a package may import another package of
// the repository.
func allowedInTests(from, to string) bool {
	return from == to || allowed(from, to) || named(testArrows[roomOf(from)], to) ||
		roomOf(from) == "pipeline" && roomOf(to) == "pipeline"
}

// named reports whether a list contains the room of a package.
func named(rooms []string, path string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		return roomOf(room) == roomOf(path) && within(path, room)
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
		require.NotEmpty(t, roomOf(from), "%s is in no room: see the table of arrows here", from)
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
			if ours && !allowedInTests(from, to) {
				t.Errorf("the tests of %s may not import %s", from, to)
			}
		}
	}
}

// TestArrowsAreWhatTheDesignSays tests the test: a mistake in its table or in reading
// it would let everything pass.
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
		{"cmd/chaos", "pipeline/networktest", true},
		{"cmd/bench", "pipeline/networktest", false},
		{"cmd/bench", "cmd/internal/stack", true},
		{"cmd/internal/stack", "pipeline/rabbit", false},
		{"pipeline/spool", "pipeline/networktest", false},
		{"pipeline/worker", "pipeline/rabbit/rabbittest", false},
		{"handlers", "handlers/attribution", true},
		{"handlers", "pipeline/worker", true},
		{"handlers", "sql/store", false},
		{"handlers", "sql", false},
		{"handlers", "cmd/integr8", false},
		{"handlers/attribution", "pipeline/hit", true},
		{"handlers/attribution", "pipeline/receiver", false},
		{"handlers/attribution", "sql/store", false},
		{"handlers/operate", "handlers/attribution", true},
		{"handlers/operate", "pipeline/rabbit", true},
		{"handlers/operate", "handlers", false},
		{"handlers/operate", "sql/store", false},
		{"handlers/operate/dead", "handlers/operate", true},
		{"handlers/operate/dead", "sql/store", false},
		{"handlers/operate/dead", "cmd/integr8/cli", false},
		{"handlers/api", "handlers/operate", true},
		{"handlers/api", "handlers/operate/dead", true},
		{"handlers/api", "pipeline/hit", true},
		{"handlers/api", "pipeline/rabbit", false},
		{"handlers/api", "handlers", false},
		{"handlers/api", "sql/store", false},
		{"handlers/console", "handlers/operate", true},
		{"handlers/console", "handlers", false},
		{"handlers/console", "pipeline/failure", true},
		{"handlers/console", "pipeline/rabbit", false},
		{"handlers/attribution", "handlers", false},
		{"sql/store", "handlers/attribution", true},
		{"sql/store", "handlers/operate", true},
		{"sql/store", "handlers/operate/dead", true},
		{"sql/store", "handlers", false},
		{"sql/store", "sql/store/pg", true},
		{"sql/store/pg", "sql/store", false},
		{"sql/store/pg", "handlers/attribution", false},
		{"cmd/integr8", "sql/store/pg", false},
		{"sql/store", "pipeline/hit", true},
		{"sql/store", "pipeline/rabbit", false},
		{"sql", "sql/store", false},
		{"pipeline/worker", "pipeline/rabbit", true},
		{"pipeline/worker", "pipeline/receiver", false},
		{"pipeline/rabbit", "pipeline/hit", false},
		{"pipeline/hit", "pipeline/receiver", false},
		{"pipeline/outcome", "pipeline/hit", false},
		{"pipeline/queue", "pipeline/hit", true},
		{"pipeline/new", "pipeline/hit", false},
		{"pipeline/worker", "handlers", false},
		{"pipeline/worker", "handlers/attribution", false},
		{"pipeline/worker", "sql/store", false},
		{"tools", "pipeline/hit", false},
	} {
		require.Equal(t, arrow.want, allowed(arrow.from, arrow.to), "%s -> %s", arrow.from, arrow.to)
	}
	for _, arrow := range []struct {
		from, to string
		want     bool
	}{
		{"handlers", "sql/store", true},
		{"handlers", "sql", false},
		{"handlers/attribution", "sql/store", false},
		{"handlers/operate/dead", "sql/store/storetest", true},
		{"handlers/operate/dead", "cmd/integr8/app", false},
		{"pipeline/spool", "pipeline/receiver", true},
		{"pipeline/spool", "sql/store", false},
		{"sql/store", "handlers", false},
		{"cmd/integr8", "sql/store/storetest", true},
	} {
		require.Equal(t, arrow.want, allowedInTests(arrow.from, arrow.to), "tests of %s -> %s", arrow.from, arrow.to)
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

// topLevel matches all that may lie at the top of the repository, besides files and
// directories whose names begin with a dot, and what the build makes.
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
