package stack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"integr8/cmd/internal/build"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// built is the tested program, built once for all tests.
var built string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "devstack-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	built = filepath.Join(dir, "devstack")
	if err := build.Program(context.Background(), built, "cmd/devstack"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// result is the output of one command and its exit code.
type result struct {
	stdout, stderr string
	code           int
}

// devstack runs one command on a directory.
func devstack(t *testing.T, dir string, arguments ...string) result {
	t.Helper()
	command := exec.Command(built, withDir(dir, arguments)...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		require.NoError(t, err)
	}
	return result{stdout: stdout.String(), stderr: stderr.String(), code: command.ProcessState.ExitCode()}
}

// must runs a command that has to succeed.
func must(t *testing.T, dir string, arguments ...string) result {
	t.Helper()
	r := devstack(t, dir, arguments...)
	require.Zero(t, r.code, "devstack %s: %s", strings.Join(arguments, " "), r.stderr)
	return r
}

// withDir inserts the directory behind the command, which may have two words.
func withDir(dir string, arguments []string) []string {
	return append(append(strings.Fields(arguments[0]), "--dir", dir), arguments[1:]...)
}

// newDir returns a directory for a stack, which is cleaned when the test ends.
func newDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "stack")
	t.Cleanup(func() { must(t, dir, "clean") })
	return dir
}
