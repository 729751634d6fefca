package cli

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePaceOfGCIsTheUsersWhereHeSetsItAndReferenceDataHasRoomBesides(t *testing.T) {
	percent, limit := debug.SetGCPercent(77), debug.SetMemoryLimit(77<<20)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	pace := func(environment map[string]string) (percent int, limit, withReference int64) {
		makeRoom := paceGC(func(name string) (string, bool) {
			value, set := environment[name]
			return value, set
		})
		percent = debug.SetGCPercent(77)
		limit = debug.SetMemoryLimit(-1)
		makeRoom(1 << 20)
		return percent, limit, debug.SetMemoryLimit(77 << 20)
	}
	for _, test := range []struct {
		environment map[string]string
		percent     int
		limit       int64
		makes       bool // room for reference data
	}{
		{nil, gcPercent, memoryLimit, true},
		{map[string]string{"GOGC": "50"}, 77, memoryLimit, true},
		{map[string]string{"GOMEMLIMIT": "1GiB"}, gcPercent, 77 << 20, false},
		{map[string]string{"GOGC": "50", "GOMEMLIMIT": "1GiB"}, 77, 77 << 20, false},
	} {
		percent, limit, withReference := pace(test.environment)
		require.Equal(t, test.percent, percent, "%v", test.environment)
		require.Equal(t, test.limit, limit, "%v", test.environment)
		if test.makes {
			limit += 1 << 20
		}
		require.Equal(t, limit, withReference, "%v", test.environment)
	}
}
