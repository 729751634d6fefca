package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTermsAreReadAndWrittenToTheLastDigit(t *testing.T) {
	for text, want := range map[string]string{
		"2.50": "2.50", "2.5": "2.50", "0": "0.00", " 3 ": "3.00", "80%": "80%", "12.5%": "12.5%", "0.000001": "0.000001",
		"1.2300000000": "1.23", "999999999999.999999": "999999999999.999999", "150%": "150%",
	} {
		var read terms
		require.NoError(t, read.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, writeTerms(read.Money), text)
	}
	for _, text := range []string{
		"", "%", "-1", "1e3", "1,000", "$2", "2.5 USD", "NaN", "1000000000000", "999999999999.9999999", "0.0000001", "2..5", "80%%",
	} {
		require.Error(t, new(terms).UnmarshalText([]byte(text)), text)
	}
}

func FuzzTerms(f *testing.F) {
	for _, seed := range []string{"2.50", "80%", "0.000001", "999999999999.999999", "+1", "1e3", " 3 ", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var read, again terms
		if read.UnmarshalText([]byte(text)) != nil {
			return
		}
		require.False(t, read.Amount.IsNegative())
		require.NoError(t, again.UnmarshalText([]byte(writeTerms(read.Money))))
		require.Equal(t, read.Percent, again.Percent)
		require.True(t, read.Amount.Equal(again.Amount))
	})
}

func TestWindowsAreWrittenAsTheyCanBeRead(t *testing.T) {
	for window, want := range map[time.Duration]string{
		720 * time.Hour: "30d", 168 * time.Hour: "7d", 36 * time.Hour: "1d12h", 90 * time.Minute: "1h30m", time.Second: "1s",
	} {
		require.Equal(t, want, writeWindow(window))
		read, err := parseDuration(want)
		require.NoError(t, err)
		require.Equal(t, window, read)
	}
}

func TestDeadlines(t *testing.T) {
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
