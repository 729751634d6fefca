package cli

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePaceOfGCIsTheUsersWhereHeSetsIt(t *testing.T) {
	percent, limit := debug.SetGCPercent(77), debug.SetMemoryLimit(77<<20)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	pace := func(environment map[string]string) (percent int, limit int64) {
		paceGC(func(name string) (string, bool) {
			value, set := environment[name]
			return value, set
		})
		percent = debug.SetGCPercent(77)
		return percent, debug.SetMemoryLimit(77 << 20)
	}
	for _, test := range []struct {
		environment map[string]string
		percent     int
		limit       int64
	}{
		{nil, gcPercent, memoryLimit},
		{map[string]string{"GOGC": "50"}, 77, memoryLimit},
		{map[string]string{"GOMEMLIMIT": "1GiB"}, gcPercent, 77 << 20},
		{map[string]string{"GOGC": "50", "GOMEMLIMIT": "1GiB"}, 77, 77 << 20},
	} {
		percent, limit := pace(test.environment)
		require.Equal(t, test.percent, percent, "%v", test.environment)
		require.Equal(t, test.limit, limit, "%v", test.environment)
	}
}
