package redact

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// TestRedactionTakesTimeLinearInTheText compares a text with eight texts of an eighth of
// its length.
func TestRedactionTakesTimeLinearInTheText(t *testing.T) {
	for _, unit := range []string{
		"&#65", "&#x41", "secure=\"", `secure='secure=\"`, `{"secure":["a]`, "secure=[\"", `"password":"a `, "token='", "auth: basic ", "auth=%22", `secure=\\\"`,
	} {
		requireLinear(t, unit, func(size int) func() {
			text := "+" + strings.Repeat(unit, size/len(unit)) + "x@"
			return func() { Redactor{}.Text(text) }
		})
	}
}

// TestTheNameOfAParameterIsReadInTimeLinearInItsLength: an index is looked for behind each
// bracket of a name.
func TestTheNameOfAParameterIsReadInTimeLinearInItsLength(t *testing.T) {
	for _, unit := range []string{"[", "[1", "a[", "amp;", "_"} {
		requireLinear(t, unit, func(size int) func() {
			name := "a" + strings.Repeat(unit, size/len(unit))
			return func() {
				h := &hit.Hit{Kind: hit.Postback, Params: map[string]string{name: "1"}}
				Redactor{}.Hit(h)
			}
		})
	}
}

// requireLinear fails the test if work of one size takes more than 4 times the CPU time of
// 8 times the work of an eighth of the size. If the time grew with the square of the size,
// it would be 8 times.
func requireLinear(t *testing.T, what string, work func(size int) func()) {
	t.Helper()
	eighth, whole := work(8<<10), work(64<<10)
	const enough = 30 * time.Millisecond // more than the clock of CPU time may be off
	var short, long time.Duration
	for short < enough {
		begin := cpuTime(t)
		for range 80 {
			eighth()
		}
		between := cpuTime(t)
		for range 10 {
			whole()
		}
		short, long = short+between-begin, long+cpuTime(t)-between
	}
	require.Less(t, long, 4*short, what)
}

// cpuTime returns the CPU time that this process has used.
func cpuTime(t *testing.T) time.Duration {
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
