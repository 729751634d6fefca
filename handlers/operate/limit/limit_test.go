package limit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARateIsOfEachKeyAndARefusedRequestTakesNothing(t *testing.T) {
	t.Parallel()
	l, now := New[int64](10, 20), time.Now()
	for range 20 {
		require.Zero(t, l.Take(1, now))
	}
	for range 100 {
		require.InDelta(t, 100*time.Millisecond, l.Take(1, now), float64(time.Millisecond))
	}
	require.NotZero(t, l.Wait(1, now))
	for range 3 {
		require.Zero(t, l.Wait(2, now), "to ask takes nothing")
	}
	require.Zero(t, l.Take(2, now), "the rate is of each key")
	require.Zero(t, l.Take(1, now.Add(101*time.Millisecond)))
	require.NotZero(t, l.Take(1, now.Add(101*time.Millisecond)))
	for key := range int64(3 * Most) {
		l.Take(key+10, now)
	}
	require.LessOrEqual(t, l.Size(), Most)
	unbounded := New[int64](0, 0)
	for range 1000 {
		require.Zero(t, unbounded.Take(1, now))
	}
}
