package app_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/keys"
)

// TestAGeneratedClientDoesADaysWork: a generator that others keep makes a client from the
// served document, and a program that is written against it creates, edits, converts, finds
// and reports on the real server. It loads the generator, which has a module of its own.
func TestAGeneratedClientDoesADaysWork(t *testing.T) {
	t.Parallel()
	s := serveAPI(t)
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "config.yaml", "doc.go", "day.go", "evening.go"} {
		text, err := os.ReadFile(filepath.Join("client", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	_, served := s.send("", call{method: http.MethodGet, path: "/openapi.json"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "openapi.json"), served.body, 0o600))

	run := func(args ...string) (string, error) {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOWORK=off",
			"WEB=http://"+s.web(), "DOORS=http://"+s.hits, "KEY="+s.north.keys[keys.Admin])
		text, err := command.CombinedOutput()
		return string(text), err
	}
	text, err := run("tool", "oapi-codegen", "-config", "config.yaml", "openapi.json")
	require.NoError(t, err, text)
	text, err = run("run", ".")
	require.NoError(t, err, text)
}
