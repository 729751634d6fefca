package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/tool"
)

// TestARunMeasuresAndAccountsForEveryHit runs the smallest part, on its own servers,
// from the command line to the page. The run itself checks that every hit has its
// outcome.
func TestARunMeasuresAndAccountsForEveryHit(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	out := t.TempDir()
	// Data of Postgres cannot be in a directory that its user may not enter.
	servers, err := os.MkdirTemp("", "integr8-bench-test-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(servers)) })
	require.NoError(t, os.Chmod(servers, 0o755))

	var page, progress bytes.Buffer
	code := tool.Run(context.WithoutCancel(t.Context()), name, description, &commandLine{}, []string{"--quick", "--part", partMixture, "--duration", "1s", "--most", "40000",
		"--out", out, "--stack", filepath.Join(servers, "stack")}, &page, &progress)
	require.Zero(t, code, "%s", &progress)
	require.Contains(t, page.String(), "## Mostly clicks")
	require.NoDirExists(t, filepath.Join(servers, "stack"), "the servers' data are deleted")

	// A column without measurements is left out.
	require.Contains(t, page.String(), "|  | accepted | committed | answer p50 | p99 | committed p50 | p99 | longest |\n")
	require.Regexp(t, `\| CPU µs a hit \|.* all \| WAL bytes a hit \| receiver MB \| worker MB \|\n`, page.String())
	kept, err := os.ReadFile(filepath.Join(out, "bench.md"))
	require.NoError(t, err)
	require.Equal(t, page.String(), string(kept))
}

func TestBadUsageIsTold(t *testing.T) {
	for _, args := range [][]string{{"--part", "nonsense"}, {"--quick", "--most", "0"}, {"--rounds", "-1"},
		{"--beside", "nowhere"}, {"--beside", "main.go", "--part", "drain"}} {
		var said bytes.Buffer
		require.NotZero(t, tool.Run(t.Context(), name, description, &commandLine{}, args, &said, &said), args)
		require.Contains(t, said.String(), "bench: ", args)
	}
	var said bytes.Buffer
	require.Equal(t, 2, tool.Run(t.Context(), name, description, &commandLine{}, []string{"--no-such-flag"}, &said, &said))
}
