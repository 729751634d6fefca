package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/sql/store"
)

func TestADatabaseThatCannotBeReachedIsSaidSoOnce(t *testing.T) {
	t.Parallel()
	opened, err := store.Open("postgres://nobody@127.0.0.1:1/none?sslmode=disable")
	require.NoError(t, err)
	defer opened.Close()
	reason := errors.New("the operator went home")
	ended, end := context.WithCancelCause(t.Context())
	end(reason)
	for _, ctx := range []context.Context{t.Context(), ended} {
		_, listed := opened.Accounts(ctx)
		for _, err := range []error{opened.Ping(ctx), listed, opened.CheckSchema(ctx)} {
			require.Error(t, err)
			require.LessOrEqual(t, strings.Count(err.Error(), "reach the database: "), 1, err.Error())
		}
	}
	err = opened.Ping(t.Context())
	require.Equal(t, failure.Outage, failure.Of(err))
	require.True(t, strings.HasPrefix(err.Error(), "reach the database: dial "), err.Error())
}
