package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMomentsAreTimesDaysOrHowLongAgo(t *testing.T) {
	t.Parallel()
	var m moment
	require.NoError(t, m.UnmarshalText([]byte("2026-03-14T15:00:00+02:00")))
	require.Equal(t, time.Date(2026, 3, 14, 13, 0, 0, 0, time.UTC), m.Time)
	require.Equal(t, m.Time, m.end())

	require.NoError(t, m.UnmarshalText([]byte("2026-03-14")))
	require.Equal(t, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), m.Time)
	require.Equal(t, time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), m.end(), "a day is included whole")

	for text, ago := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour} {
		require.NoError(t, m.UnmarshalText([]byte(text)))
		require.WithinDuration(t, time.Now().Add(-ago), m.Time, time.Minute)
	}
	for _, text := range []string{"", "yesterday", "14.03.2026", "-24h"} {
		require.Error(t, m.UnmarshalText([]byte(text)), text)
	}
}

func TestIDsAreReadInAnySpelling(t *testing.T) {
	t.Parallel()
	const digits = "0199c3f0a1b27c3d8e4f5a6b7c8d9e0f"
	for _, text := range []string{digits, "0199C3F0A1B27C3D8E4F5A6B7C8D9E0F", "0199c3f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f", " " + digits + "\n"} {
		var one id
		require.NoError(t, one.UnmarshalText([]byte(text)))
		require.Equal(t, "0199c3f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f", one.String())
	}
	for _, text := range []string{"", "0199c3f0", digits + "0", "g" + digits[1:], "{clickid}"} {
		var one id
		require.Error(t, one.UnmarshalText([]byte(text)), text)
	}
}
