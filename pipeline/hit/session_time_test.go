package hit

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSessionTimes(t *testing.T) {
	want := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, text := range []string{
		"1772600767", "1772600767000", " 1772600767 ", "2026-03-04T05:06:07Z", "2026-03-04t05:06:07z",
		"2026-03-04T07:06:07+02:00", "2026-03-04T07:06:07 02:00", "2026-03-04T00:06:07-05:00", "2026-03-04T05:06:07.000Z",
		"1772600767.0", "1772600767000000", "1772600767000000000", "2026-03-04 05:06:07", "2026-03-04T05:06:07", "2026-03-04 05:06:07.000",
		"2026-03-04T07:06:07+0200", "2026-03-04 07:06:07+02:00", "2026-03-04 07:06:07 02:00", "2026-03-04 07:06:07 +0200", "2026-03-04 05:06:07 UTC",
		"Wed, 04 Mar 2026 05:06:07 GMT", "Wed, 04 Mar 2026 07:06:07 +0200",
	} {
		got, err := SessionTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	got, err := SessionTime("1772600767891")
	require.NoError(t, err)
	require.Equal(t, want.Add(891*time.Millisecond), got)
	got, err = SessionTime("1772600767.123")
	require.NoError(t, err)
	require.Equal(t, want.Add(123*time.Millisecond), got)
	got, err = SessionTime("2026-03-04")
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), got)

	for _, text := range []string{
		"", "0", "1", "-1772600767", "1772600767.5.5", "1772600767.x", "946684799", "4102444800", "4102444800000", "17726007670000", "2026-03-04 05:06:07 EST",
		"99999999999999999999", "yesterday", "04/03/2026", "1999-12-31T23:59:59Z",
		"2100-01-01T00:00:00Z", "2026-02-30T00:00:00Z", strings.Repeat("1", 100),
	} {
		_, err := SessionTime(text)
		require.ErrorIs(t, err, ErrInvalidTime, "%.30q", text)
	}
}

func FuzzSessionTime(f *testing.F) {
	for _, text := range []string{"1772600767", "1772600767891", "2026-03-04T07:06:07 02:00", "2026-03-04T05:06:07,5Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := SessionTime(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, got.Year(), 2000)
		require.Less(t, got.Year(), 2100)
		again, err := SessionTime(got.Format(time.RFC3339Nano))
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}
