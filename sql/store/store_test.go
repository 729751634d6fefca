package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

func TestMigrateIsIdempotent(t *testing.T) {
	t.Parallel()
	opened := storetest.Open(t)
	applied, err := opened.Migrate(context.Background())
	require.NoError(t, err)
	require.Empty(t, applied)
	require.NoError(t, opened.CheckSchema(context.Background()))
}

func TestANewerSchemaIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var rows, latest int64
	count := func() (n int64) {
		require.NoError(t, b.db.Get(&n, "SELECT count(*) FROM pg_class"))
		return n
	}
	require.NoError(t, b.db.Get(&latest, "SELECT max(version_id) FROM goose_db_version"))
	_, err := b.db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)", latest+1)
	require.NoError(t, err)
	_, err = b.db.Exec("DROP TABLE clicks_" + time.Now().UTC().Format("20060102"))
	require.NoError(t, err)
	rows = count()

	var differs *store.SchemaError
	require.ErrorAs(t, b.CheckSchema(t.Context()), &differs)
	require.Equal(t, store.SchemaError{Applied: latest + 1, Known: latest}, *differs)
	require.True(t, differs.Newer())
	applied, err := b.Migrate(t.Context())
	require.ErrorAs(t, err, &differs)
	require.Empty(t, applied)
	require.Equal(t, rows, count(), "no partition is made")
}

func TestAnOlderSchemaIsNamedWithBothVersions(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var latest int64
	require.NoError(t, b.db.Get(&latest, "SELECT max(version_id) FROM goose_db_version"))
	_, err := b.db.Exec("DELETE FROM goose_db_version WHERE version_id = $1", latest)
	require.NoError(t, err)
	var differs *store.SchemaError
	require.ErrorAs(t, b.CheckSchema(t.Context()), &differs)
	require.Equal(t, store.SchemaError{Applied: latest - 1, Known: latest}, *differs)
	require.False(t, differs.Newer())
}

// TestAStatementThatTheSchemaDoesNotKnowMayLackAMigration: an older schema lacks tables
// and columns.
func TestAStatementThatTheSchemaDoesNotKnowMayLackAMigration(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	_, err := b.Advertisers(t.Context(), 0)
	require.NoError(t, err)
	require.False(t, store.MayLackMigration(err))
	_, err = b.Account(t.Context(), 9)
	require.Error(t, err)
	require.False(t, store.MayLackMigration(err), "it is the row that is missing")
	_, err = b.db.Exec("DROP TABLE advertisers CASCADE")
	require.NoError(t, err)
	_, err = b.Advertisers(t.Context(), 0)
	require.True(t, store.MayLackMigration(err), "%v", err)
}
