package hit

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFingerprintsAreStableAndTellNothingThatIsCheapToCompute(t *testing.T) {
	keys, err := ParseKeys("the first service secret, the second service secret")
	require.NoError(t, err)
	prints := keys.Fingerprints()
	require.Equal(t, []Fingerprint{"7a3e404a175c", "71809d55d6e7"}, prints, "rows of earlier versions are found again")
	for i, secret := range keys.secrets {
		require.Len(t, prints[i], 12)
		require.NotContains(t, hex.EncodeToString(secret.sign([]byte(fingerprintLabel))), string(prints[i]))
	}
	reversed, err := ParseKeys("the second service secret,the first service secret")
	require.NoError(t, err)
	require.Equal(t, []Fingerprint{prints[1], prints[0]}, reversed.Fingerprints())
}

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

func TestAFingerprintIsReadAsItIsPrinted(t *testing.T) {
	var print Fingerprint
	require.NoError(t, print.UnmarshalText([]byte("0123456789ab")))
	require.Equal(t, Fingerprint("0123456789ab"), print)
	for _, text := range []string{"", "0123456789a", "0123456789abc", "0123456789ax"} {
		require.Error(t, print.UnmarshalText([]byte(text)))
	}
}
