package app

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConnectionsLeaveDescriptorsForEverythingElse(t *testing.T) {
	for _, test := range []struct {
		descriptors uint64
		set, want   int
	}{
		{1024, 0, 768}, {1024, 700, 700}, {1024, 768, 768}, {1 << 20, 0, mostConnections}, {1 << 20, 500_000, 500_000}, {math.MaxUint64, 0, mostConnections},
	} {
		got, err := connectionsWithin(test.descriptors, test.set)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
	_, err := connectionsWithin(1024, 769)
	require.ErrorContains(t, err, "may open only 1024 files")
	_, err = connectionsWithin(256, 0)
	require.ErrorContains(t, err, "may open only 256 files")
}
