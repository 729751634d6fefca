package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const findIndexes = "pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indisvalid AND relname LIKE 'hits\\_%\\_find'"

// TestTheDaysOfHitsThatFillHaveTheIndexOfFind: those that are made ahead, and those that
// were there before the migration. Old days hold hits without keys.
func TestTheDaysOfHitsThatFillHaveTheIndexOfFind(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const days = 9 // from yesterday to a week ahead
	require.Equal(t, days, b.count(findIndexes))
	b.write(b.clickRecord(noon))
	require.NoError(t, b.EnsurePartitions(t.Context()))
	require.Equal(t, days, b.count(findIndexes))

	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), 17)
	require.NoError(t, err)
	require.Zero(t, b.count(findIndexes))
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.EnsurePartitions(t.Context()))
	require.Equal(t, days-2, b.count(findIndexes), "the days ahead")
	_, err = b.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, days, b.count(findIndexes))
}
