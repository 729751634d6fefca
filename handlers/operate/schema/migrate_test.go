package schema_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/schema"
	"integr8/sql/store/storetest"
)

// steps is a Store that does one step a call.
type steps []step

type step struct {
	applied []int64
	err     error
}

func (s *steps) Migrate(context.Context) ([]int64, error) {
	next := (*s)[0]
	*s = (*s)[1:]
	return next.applied, next.err
}

var errHeld = errors.New("canceling statement due to lock timeout")

func held(applied ...int64) step { return step{applied, &schema.LockedError{Err: errHeld}} }

func never(error, time.Duration) { panic("no lock is held") }

func TestAMigrationWaitsForALockAndSaysAllThatItApplied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, waits := time.Now(), 0
		migrated, err := schema.Migrate(t.Context(), &steps{held(1, 2), held(), {applied: []int64{3}}}, func(err error, again time.Duration) {
			require.ErrorIs(t, err, errHeld)
			require.EqualError(t, err, errHeld.Error())
			require.Equal(t, time.Minute, again)
			require.Equal(t, time.Duration(waits)*again, time.Since(begin), "it is called before the wait")
			waits++
		})
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2, 3}, migrated.Applied)
		require.Equal(t, 2, waits)
	})
}

func TestAMigrationThatWaitsForALockCanBeEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		migrated, err := schema.Migrate(ctx, &steps{held(1)}, func(error, time.Duration) { cancel() })
		require.ErrorIs(t, err, context.Canceled)
		require.EqualError(t, err, "wait for a lock: context canceled")
		require.Equal(t, []int64{1}, migrated.Applied)
	})
}

func TestAMigrationIsTriedAgainForNothingButALock(t *testing.T) {
	t.Parallel()
	broken := errors.New("syntax error")
	migrated, err := schema.Migrate(t.Context(), &steps{{[]int64{1}, broken}}, never)
	require.ErrorIs(t, err, broken)
	require.Equal(t, []int64{1}, migrated.Applied)
}

// TestTheJSONOfAMigrationStaysAsItWas: scripts read it. The first is that of a real
// database, which is up to date.
func TestTheJSONOfAMigrationStaysAsItWas(t *testing.T) {
	t.Parallel()
	nothing, err := schema.Migrate(t.Context(), storetest.Open(t), never)
	require.NoError(t, err)
	for want, value := range map[string]schema.Migrated{
		`{"applied":[]}`:    nothing,
		`{"applied":[1,2]}`: {Applied: []int64{1, 2}},
	} {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
	}
}
