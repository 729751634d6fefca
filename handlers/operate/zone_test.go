package operate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
)

// TestATimeZoneIsTheSameOnEveryMachine: what only some machines know, or each in its own way,
// is none.
func TestATimeZoneIsTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		zone, err := operate.Zone(name)
		require.NoError(t, err, name)
		require.Equal(t, name, zone.String())
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "posix/Asia/Kolkata", "right/Asia/Kolkata", "Moon", "asia", "../UTC", "/etc/localtime", "+05:30", "CET"} {
		_, err := operate.Zone(name)
		require.ErrorIs(t, err, operate.ErrZone, name)
	}
}
