package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
)

func TestWindowsAreWrittenAsTheyCanBeRead(t *testing.T) {
	t.Parallel()
	for window, want := range map[time.Duration]string{
		720 * time.Hour: "30d", 168 * time.Hour: "7d", 36 * time.Hour: "1d12h", 90 * time.Minute: "1h30m", time.Second: "1s",
	} {
		require.Equal(t, want, operate.Span(window))
		read, err := parseDuration(want)
		require.NoError(t, err)
		require.Equal(t, window, read)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	var read deadline
	require.NoError(t, read.UnmarshalText([]byte("2030-01-02")))
	require.Equal(t, time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC), read.Time)
	require.NoError(t, read.UnmarshalText([]byte("2030-01-02T03:04:05+02:00")))
	require.Equal(t, time.Date(2030, 1, 2, 1, 4, 5, 0, time.UTC), read.Time)
	require.NoError(t, read.UnmarshalText([]byte("now")))
	require.WithinDuration(t, time.Now(), read.Time, time.Minute)
	require.NoError(t, read.UnmarshalText([]byte("never")))
	require.True(t, read.IsZero())
	require.Error(t, read.UnmarshalText([]byte("30d")))
}
