package cli

import (
	"bytes"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asCommand is set for a test program that is to be integr8 itself, with its arguments.
const asCommand = "INTEGR8_TEST_AS_COMMAND"

// lineCounter counts the lines that are written to it, and keeps none.
type lineCounter struct{ lines int }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

var _ io.Writer = (*lineCounter)(nil)

// process runs a command in a process of its own, and returns the lines that it wrote and
// the most memory that it had, in bytes.
func (p *program) process(args ...string) (lines int, most int64) {
	p.t.Helper()
	self, err := os.Executable()
	require.NoError(p.t, err)
	cmd := exec.CommandContext(p.t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "GOGC=50") // little garbage, so that what is held shows
	for name, value := range p.environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out lineCounter
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(p.t, cmd.Run(), "%s", errs.String())
	return out.lines, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// TestAListOfManyRowsTakesNoMoreMemoryThanOneOfFew: rows are written as they are read.
func TestAListOfManyRowsTakesNoMoreMemoryThanOneOfFew(t *testing.T) {
	t.Parallel()
	const few, many = 2_000, 60_000
	p := newProgram(t)
	p.shop()
	p.converted(1)
	db, err := sql.Open("postgres", p.environment["DATABASE_URL"])
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, statement := range []string{ // of the same millisecond
		`INSERT INTO hits SELECT (jsonb_populate_record(h, jsonb_build_object('id', left(h.id::text, 15) || right(gen_random_uuid()::text, 21)))).*
		FROM hits h, generate_series(2, $1) WHERE h.kind = 'postback'`,
		`INSERT INTO conversions SELECT (jsonb_populate_record(c, jsonb_build_object('id', left(c.id::text, 15) || right(gen_random_uuid()::text, 21),
			'dedup_key', gen_random_uuid()))).*
		FROM conversions c, generate_series(2, $1)`,
	} {
		_, err := db.ExecContext(t.Context(), statement, many)
		require.NoError(t, err)
	}
	for _, command := range []string{"hits", "conversions"} {
		for _, form := range []string{"--csv", "--json"} {
			listed, least := p.process(command, form, "--limit", number(few))
			require.GreaterOrEqual(t, listed, few)
			listed, most := p.process(command, form)
			require.GreaterOrEqual(t, listed, many)
			require.Less(t, most-least, int64(16<<20), "%s %s: %d rows took %d bytes, %d rows %d", command, form, few, least, many, most)
		}
	}
}
