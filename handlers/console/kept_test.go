package console

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// keeping returns what keeps the results of read, for ten seconds each.
func keeping(t *testing.T, read func(context.Context, int64) (int, error)) *kept[int] {
	c := &Console{}
	c.background, c.end = context.WithCancel(context.Background())
	t.Cleanup(c.Close)
	return &kept[int]{console: c, read: read, fresh: 10 * time.Second, bound: time.Minute}
}

func TestWhatIsSlowIsReadOnceForManyViewersAndNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		k := keeping(t, func(context.Context, int64) (int, error) {
			time.Sleep(5 * time.Second)
			reads++
			return reads, nil
		})
		ask := func() item[int] {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			began := time.Now()
			got := k.get(ctx, 0)
			require.LessOrEqual(t, time.Since(began), patience)
			return got
		}
		for range 20 {
			require.False(t, ask().Known())
		}
		synctest.Wait()
		time.Sleep(5 * time.Second)
		require.Equal(t, 1, ask().Value)
		time.Sleep(11 * time.Second)
		for range 20 {
			require.Equal(t, 1, ask().Value, "what there is, while it is read anew")
		}
		time.Sleep(6 * time.Second)
		require.Equal(t, 2, ask().Value)
		require.Equal(t, 2, reads)
	})
}

func TestAFailureKeepsWhatThereWasAndSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failing := errors.New("away")
		value, fails := 7, error(nil)
		k := keeping(t, func(context.Context, int64) (int, error) { return value, fails })
		require.Equal(t, 7, k.get(t.Context(), 0).Value)
		value, fails = 0, failing
		time.Sleep(11 * time.Second)
		k.ask(0)
		synctest.Wait()
		got := k.get(t.Context(), 0)
		require.Equal(t, 7, got.Value)
		require.ErrorIs(t, got.Err, failing)
	})
}

func TestValuesOfManyAccountsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := keeping(t, func(_ context.Context, account int64) (int, error) { return int(account), nil })
		for account := range int64(3 * mostKept) {
			require.EqualValues(t, account, k.get(t.Context(), account).Value)
		}
		require.LessOrEqual(t, len(k.items), mostKept)
	})
}

func TestSlowReadsOfManyAccountsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int64
		k := keeping(t, func(context.Context, int64) (int, error) {
			reads.Add(1)
			time.Sleep(5 * time.Second)
			return 7, nil
		})
		for account := range int64(3 * mostKept) {
			k.ask(account)
		}
		require.LessOrEqual(t, len(k.items), mostKept)
		require.False(t, k.get(t.Context(), 3*mostKept).Known())
		time.Sleep(6 * time.Second)
		require.EqualValues(t, mostKept, reads.Load())
		require.Equal(t, 7, k.get(t.Context(), 3*mostKept).Value, "there is room again")
	})
}
