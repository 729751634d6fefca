package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAReplicaIsAsOldAsTheNewestMarkThatItHasReached also where the primary writes
// nothing for a while, and where the replica is older than all marks.
func TestAReplicaIsAsOldAsTheNewestMarkThatItHasReached(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	second := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Second) }
	var marks replicaMarks
	for n, written := range []int64{100, 200, 200, 300} {
		marks.add(replicaMark{second(n), written}, second(n-60))
	}
	require.Zero(t, marks.reached(99))
	require.Equal(t, second(0), marks.reached(199))
	require.Equal(t, second(2), marks.reached(200), "the primary has written nothing since the first of both")
	require.Equal(t, second(3), marks.reached(1000))

	marks.add(replicaMark{second(62), 400}, second(2))
	require.Len(t, marks, 4, "of those from before the bound the newest stays")
	require.Equal(t, second(1), marks.reached(200).Add(-time.Second))
	require.Zero(t, marks.reached(199))
}
