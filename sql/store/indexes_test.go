package store_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/schema"
)

// TestAMigrationThatWasHeldUpLeavesNoIndexUnfinished holds a snapshot as a backup does;
// an index that is built CONCURRENTLY waits for its end.
func TestAMigrationThatWasHeldUpLeavesNoIndexUnfinished(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), beforeDeadLetterEvents)
	require.NoError(t, err)
	backup := func() (end func()) {
		tx, err := b.db.BeginTxx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
		require.NoError(t, err)
		t.Cleanup(func() { _ = tx.Rollback() }) // an error after the end of the transaction is expected
		_, err = tx.Exec("SELECT FROM accounts")
		require.NoError(t, err)
		return func() { require.NoError(t, tx.Rollback()) }
	}
	var locked *schema.LockedError
	const unfinished = "pg_index WHERE NOT indisvalid"
	end := backup()
	for tries := 1; tries <= 3; tries++ {
		_, err = b.Migrate(t.Context())
		require.ErrorAs(t, err, &locked)
		require.Equal(t, tries, b.count(unfinished))
	}
	end()
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, b.count(unfinished))

	end = backup()
	_, err = b.Migrate(t.Context())
	require.ErrorAs(t, err, &locked)
	end()
	_, err = b.Migrate(t.Context())
	require.NoError(t, err)
	require.Zero(t, b.count(unfinished))
	require.Equal(t, 3, b.count("pg_class WHERE relkind = 'i' AND relname LIKE 'dead\\_letter\\_events\\_%' AND relname NOT LIKE '%\\_pkey'"))
}
