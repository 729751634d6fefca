package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/cmd/bench/report"
)

// TestARunMeasuresAndAccountsForEveryHit runs the smallest part, on servers
// of its own as always, from the command line to the page. That every hit has
// its outcome is what a run makes sure of itself.
func TestARunMeasuresAndAccountsForEveryHit(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	out := t.TempDir()
	// Data of Postgres cannot be in a directory that its user may not enter.
	servers, err := os.MkdirTemp("", "integr8-bench-test-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(servers)) })
	require.NoError(t, os.Chmod(servers, 0o755))

	var page, progress bytes.Buffer
	code := run(context.WithoutCancel(t.Context()), []string{"--quick", "--part", partMixture, "--duration", "1s", "--warmup", "500ms",
		"--connections", "16", "--most", "10000", "--out", out, "--stack", filepath.Join(servers, "stack")}, &page, &progress)
	require.Zero(t, code, "%s", &progress)
	require.Contains(t, page.String(), "## Mostly clicks")
	require.NoDirExists(t, filepath.Join(servers, "stack"), "the servers' data are deleted")

	data, err := os.ReadFile(filepath.Join(out, "bench.json"))
	require.NoError(t, err)
	var kept report.Run
	require.NoError(t, json.Unmarshal(data, &kept))
	require.Len(t, kept.Measurements, 1)
	m := kept.Measurements[0]
	require.Positive(t, m.Accepted)
	require.Positive(t, m.Committed)
	require.Positive(t, m.Answer.Samples)
	require.Positive(t, m.Through.Samples)
	require.GreaterOrEqual(t, m.Through.P50, m.Answer.P50)
	require.Positive(t, m.WALBytes)
	require.GreaterOrEqual(t, m.HitsAMessage, 1.0)
	require.GreaterOrEqual(t, m.HitsATransaction, 1.0)
	for _, group := range []string{report.Receiver, report.Broker, report.Worker, report.Postgres, report.Load} {
		require.Positive(t, m.CPU[group], group)
		require.Positive(t, m.PeakMB[group], group)
	}
}

func TestBadUsageIsTold(t *testing.T) {
	for _, args := range [][]string{{"--part", "nonsense"}, {"--postgres", "fsync"}, {"--rounds", "-1"},
		{"--beside", "nowhere"}, {"--beside", "main.go", "--part", "drain"}} {
		var said bytes.Buffer
		require.NotZero(t, run(t.Context(), args, &said, &said), args)
		require.Contains(t, said.String(), "bench: ", args)
	}
	var said bytes.Buffer
	require.Equal(t, 2, run(t.Context(), []string{"--no-such-flag"}, &said, &said))
}
