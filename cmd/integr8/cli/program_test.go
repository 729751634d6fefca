package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/sql/store/storetest"
)

// program runs commands in this process, with an environment of its own.
type program struct {
	t           *testing.T
	environment map[string]string
}

// newProgram returns a program with a database of its own.
func newProgram(t *testing.T) *program {
	t.Helper()
	return &program{t: t, environment: map[string]string{
		"DATABASE_URL":       storetest.URL(t),
		"INTEGR8_SECRET":     "a service secret for tests",
		"INTEGR8_PUBLIC_URL": "https://track.example",
	}}
}

// result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

func (p *program) run(args ...string) result { return p.runWith("", args...) }

func (p *program) runWith(stdin string, args ...string) result {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	lookup := func(name string) (string, bool) {
		value, ok := p.environment[name]
		return value, ok
	}
	code := Run(p.t.Context(), args, lookup, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// succeed runs a command that must do so, and gives what it printed.
func (p *program) succeed(args ...string) string {
	p.t.Helper()
	got := p.run(args...)
	require.Equal(p.t, exitOK, got.code, "%v: %s", args, got.stderr)
	return got.stdout
}

// object runs a command with --json and gives the object that it answered.
func (p *program) object(args ...string) map[string]any {
	p.t.Helper()
	return decode[map[string]any](p, args...)
}

// list is object for a command that answers several.
func (p *program) list(args ...string) []map[string]any {
	p.t.Helper()
	return decode[[]map[string]any](p, args...)
}

func decode[T any](p *program, args ...string) T {
	p.t.Helper()
	var value T
	text := p.succeed(append(args, "--json")...)
	require.NoError(p.t, json.Unmarshal([]byte(text), &value), text)
	return value
}

// shop makes an account with an advertiser, a publisher and an offer, which
// all have the number 1 in a fresh database.
func (p *program) shop() {
	p.t.Helper()
	p.succeed("account", "create", "--name", "Acme")
	p.succeed("advertiser", "create", "--account", "1", "--name", "Shoes")
	p.succeed("publisher", "create", "--account", "1", "--name", "Blog")
	p.succeed(offerArguments()...)
}

// offerArguments create an offer; what is added to them wins.
func offerArguments(more ...string) []string {
	return append([]string{
		"offer", "create", "--account=1", "--advertiser=1", "--name=Sale",
		"--destination=https://shop.example/?c={transaction_id}",
		"--payout=2.50", "--revenue=80%", "--currency=usd",
	}, more...)
}
