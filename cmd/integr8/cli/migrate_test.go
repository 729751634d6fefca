package cli

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func TestMigrateSaysWhatItDid(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	require.Empty(t, p.object("migrate")["applied"])
	require.Equal(t, "The schema is up to date.", strings.TrimSpace(p.succeed("migrate")))
}

// TestOnlyReceiversWorkOnANewerSchema: a program that does not know the rules of
// a later version decides nothing beside it, and closes no door.
func TestOnlyReceiversWorkOnANewerSchema(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.harm("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	for _, args := range [][]string{{"migrate"}, {"migrate", "--json"}, {"work"}, {"up"}} {
		code, stdout, stderr := s.command(args...)
		require.Equal(t, exitFailed, code, "%v: %s", args, stderr)
		require.Empty(t, stdout, args)
		require.Contains(t, stderr, "the database schema is of version 99999, and this program knows it up to ", args)
		require.Contains(t, stderr, "hint: use the integr8 that migrated it, or a newer one, for every process\n", args)
	}

	s.startReceiver()
	require.Contains(t, s.logs.text(), "the database schema is of version 99999")
	id := s.click()
	receipt := s.get("/postback", "secure", s.Global, "transaction_id", id).receipt
	s.harm("DELETE FROM goose_db_version WHERE version_id = 99999")
	s.startWorker()
	s.becomes(receipt, outcome.Converted)
}

// TestAWorkerThatStartedWithoutADatabaseStopsAtANewerSchema: it takes no hit.
func TestAWorkerThatStartedWithoutADatabaseStopsAtANewerSchema(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.harm("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	database := s.behindProxy("DATABASE_URL")
	own := &logs{changed: make(chan struct{})}
	ended := make(chan int, 1)
	go func() { ended <- Run(t.Context(), []string{"work"}, s.lookup, strings.NewReader(""), io.Discard, own) }()
	require.Eventually(t, func() bool { return strings.Contains(own.text(), "the database cannot be reached yet") }, patience, 10*time.Millisecond)
	database.Pass()
	select {
	case code := <-ended:
		require.Equal(t, exitFailed, code)
		require.Contains(t, own.text(), "integr8: the database schema is of version 99999")
	case <-time.After(patience):
		require.Fail(t, "it did not end", own.text())
	}
}
