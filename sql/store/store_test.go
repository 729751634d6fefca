package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/sql/store/storetest"
)

func TestMigrateIsIdempotent(t *testing.T) {
	opened := storetest.Open(t)
	applied, err := opened.Migrate(context.Background())
	require.NoError(t, err)
	require.Empty(t, applied)
	pending, err := opened.Pending(context.Background())
	require.NoError(t, err)
	require.False(t, pending)
}
