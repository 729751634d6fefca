package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/stack"
	"integr8/cmd/internal/tool"
)

// programs is the directory in which the tests build their programs, once.
var programs = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "integr8-programs-") })

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, err := programs(); err == nil {
			_ = os.RemoveAll(dir) // a failure leaves only a temporary directory
		}
		os.Exit(code)
	}))
}

var built = sync.OnceValues(func() (*system.Binaries, error) {
	dir, err := programs()
	if err != nil {
		return nil, err
	}
	return system.Build(context.Background(), dir, raced)
})

// short is a drill of the full set, shortened to a few seconds.
type short struct {
	name     string
	requests int
}

// carryOut runs drills on servers, and keeps the logs of those that fail.
func carryOut(t *testing.T, binaries *system.Binaries, servers *stack.Servers, drills []short) {
	t.Helper()
	for _, one := range drills {
		t.Run(one.name, func(t *testing.T) {
			d := named(t, one.name)
			d.requests = one.requests
			dir, err := os.MkdirTemp("", "integr8-drill-")
			require.NoError(t, err)
			out := &teller{out: t.Output()}
			r := &round{drill: d, binaries: binaries, servers: servers, dir: dir, rate: 300, seed: 1, teller: out}
			found := r.run(t.Context())
			if !found.passed() {
				found.tell(out, dir)
				t.FailNow()
			}
			require.NoError(t, os.RemoveAll(dir))
			require.GreaterOrEqual(t, found.report.Requests, one.requests)
			require.NotZero(t, found.report.Conversions)
			require.NotZero(t, found.report.OrderDuplicates)
		})
	}
}

func named(t *testing.T, name string) drill {
	t.Helper()
	chosen, err := choose(drills(), []string{name})
	require.NoError(t, err)
	return chosen[0]
}

func build(t *testing.T) *system.Binaries {
	t.Helper()
	binaries, err := built()
	require.NoError(t, err)
	return binaries
}

// TestNothingIsLostOrDoubledUnderFault runs drills that do not touch the servers.
func TestNothingIsLostOrDoubledUnderFault(t *testing.T) {
	given, named := stack.Given()
	require.True(t, named, "these tests need a real Postgres and a real RabbitMQ: run `make test`, or set DATABASE_URL and AMQP_URL")
	carryOut(t, build(t), &stack.Servers{Addresses: given}, []short{
		{"kill-worker", 1200}, {"kill-receiver", 1200}, {"cut-network", 1800}, {"rolling-restart", 1200}, {"poison-panic", 600},
	})
}

// TestNothingIsLostOrDoubledOnOwnServers runs drills that kill the servers, on servers
// that it has started itself.
func TestNothingIsLostOrDoubledOnOwnServers(t *testing.T) {
	binaries := build(t)
	servers, err := startServers(t.Context(), filepath.Join(t.TempDir(), "servers"), false)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Remove(context.Background())) })
	carryOut(t, binaries, servers, []short{{"start-alone", 1200}, {"kill-broker", 1600}})
}

func TestDrillsHaveNamesOfTheirOwnAndSayWhatTheyAre(t *testing.T) {
	seen := map[string]bool{}
	sum := 0
	for _, d := range drills() {
		require.False(t, seen[d.name], d.name)
		seen[d.name] = true
		require.NotEmpty(t, d.about)
		sum += d.requests
	}
	require.GreaterOrEqual(t, sum, 100_000, "over the whole run")
	_, err := choose(drills(), []string{"earthquake"})
	require.ErrorContains(t, err, "kill-worker")
}

func TestTableListsEachDrillAndTheSum(t *testing.T) {
	results := []result{
		{drill: drill{name: "one"}, faults: 2, report: &check.Report{Requests: 10, Accepted: 9, Duplicates: 3, Maybe: 1}},
		{drill: drill{name: "two"}, faults: 1, report: &check.Report{Requests: 5, Accepted: 5,
			Violations: []check.Violation{{Rule: check.Lost, Seq: 4}}}},
	}
	var table bytes.Buffer
	printTable(&table, results)
	require.Regexp(t, `(?m)^\| drill +\| requests \| accepted \|`, table.String())
	require.Regexp(t, `(?m)^\| one +\| +10 \| +9 \| +2 \| +3 \| +0 \| +1 \| +0 \| +0 \| +0 \| +passed \|$`, table.String())
	require.Regexp(t, `(?m)^\| two +\| +5 \| +5 \| +1 \| +0 \| +0 \| +0 \| +1 \| +0 \| +0 \| +FAILED \|$`, table.String())
	require.Regexp(t, `(?m)^\| all +\| +15 \| +14 \| +3 \| +3 \| +0 \| +1 \| +1 \| +0 \| +0 \| +FAILED \|$`, table.String())
}

func TestBadUsageIsDistinguishedFromAFailedDrill(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, 2, tool.Run(t.Context(), name, description, &commandLine{}, []string{"--rate", "many"}, &out, &errs))
	require.Equal(t, 1, tool.Run(t.Context(), name, description, &commandLine{}, []string{"--drill", "earthquake"}, &out, &errs))
	require.Zero(t, tool.Run(t.Context(), name, description, &commandLine{}, []string{"--list"}, &out, &errs))
	require.Contains(t, out.String(), "kill-broker")
}

// TestTheREADMEKnowsEachDrill: the number of drills in the README, and a line for each in
// both tables.
func TestTheREADMEKnowsEachDrill(t *testing.T) {
	front, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.Contains(t, string(front), fmt.Sprintf("| %d drills ", len(drills())))
	tables, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, d := range drills() {
		require.Equal(t, 2, bytes.Count(tables, []byte("\n| "+d.name+" | ")), d.name)
	}
}
