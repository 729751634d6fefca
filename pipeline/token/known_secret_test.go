package token

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewestSignerIsTheLastThatBeganToSignAndIsNotRetired(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC) }
	verifies := KnownSecret{Fingerprint: "verifies"}
	old := KnownSecret{Fingerprint: "old", SignsSince: at(1)}
	newer := KnownSecret{Fingerprint: "newer", SignsSince: at(2)}
	retired := KnownSecret{Fingerprint: "retired", SignsSince: at(3), Retired: true}
	for _, row := range []struct {
		known []KnownSecret
		want  Fingerprint
	}{
		{nil, ""},
		{[]KnownSecret{verifies}, ""},
		{[]KnownSecret{retired}, ""},
		{[]KnownSecret{verifies, old}, "old"},
		{[]KnownSecret{newer, old, verifies}, "newer"},
		{[]KnownSecret{old, retired, newer}, "newer"},
	} {
		newest, ok := NewestSigner(row.known)
		require.Equal(t, row.want, newest.Fingerprint)
		require.Equal(t, row.want != "", ok)
	}
	require.True(t, Signs([]KnownSecret{old}, "old"))
	require.False(t, Signs([]KnownSecret{verifies, retired}, "verifies"))
	require.False(t, Signs([]KnownSecret{verifies, retired}, "retired"))
	require.False(t, Signs(nil, "old"))
}
