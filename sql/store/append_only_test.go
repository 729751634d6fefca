package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	sqlfiles "integr8/sql"
)

// changesEvents matches a statement that changes or deletes rows of
// dead_letter_events.
var changesEvents = regexp.MustCompile(`(?is)\b(update\s+(only\s+)?|delete\s+from\s+(only\s+)?|truncate\s+(table\s+)?(only\s+)?|merge\s+into\s+(only\s+)?)"?dead_letter_events\b` +
	`|\binsert\s+into\s+"?dead_letter_events\b.*\bon\s+conflict\b.*\bdo\s+update\b`)

// TestDeadLetterEventsAreOnlyAdded: the events of a dead letter are never changed. Only
// the foreign key deletes them, when retention deletes their letter.
func TestDeadLetterEventsAreOnlyAdded(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{
		"UPDATE dead_letter_events SET note = ''", "with x as (delete\nfrom only dead_letter_events) select 1", "TRUNCATE dead_letter_events",
		"INSERT INTO dead_letter_events (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = ''", `UPDATE "dead_letter_events" SET note = ''`,
		"MERGE INTO dead_letter_events USING x ON true WHEN MATCHED THEN DELETE",
	} {
		require.Regexp(t, changesEvents, statement, "the test sees it")
	}
	require.NotRegexp(t, changesEvents, "UPDATE dead_letters SET status = 'open' FROM dead_letter_events", "another table is changed")

	for _, name := range sqlfiles.Queries() {
		require.NotRegexp(t, changesEvents, sqlfiles.Query(name).Text, name)
	}

	b := openBooks(t)
	var rules []string
	require.NoError(t, b.db.Select(&rules, `SELECT conrelid::regclass || ' ' || confrelid::regclass || ' ' || confdeltype::text FROM pg_constraint
		WHERE contype = 'f' AND (conrelid = 'dead_letter_events'::regclass OR confrelid = 'dead_letter_events'::regclass)`))
	require.Equal(t, []string{"dead_letter_events dead_letters c"}, rules, "an event goes with its letter, and only so")
	deletes := regexp.MustCompile(`(?i)\bdelete\s+from\s+dead_letters\b`)
	for _, name := range sqlfiles.Queries() {
		if deletes.MatchString(sqlfiles.Query(name).Text) {
			require.Regexp(t, "^dead_letters/delete_(closed|unknown_token|surplus)$", name, "retention alone deletes letters")
		}
	}

	// Statements that the code puts together from parts name no table of events.
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, source := range sources {
		if regexp.MustCompile(`_test\.go$`).MatchString(source) {
			continue
		}
		text, err := os.ReadFile(source)
		require.NoError(t, err)
		require.NotRegexp(t, changesEvents, string(text), source)
	}
}
