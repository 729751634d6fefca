package token

import (
	"encoding/hex"
	"testing"

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

func TestAFingerprintIsReadAsItIsPrinted(t *testing.T) {
	var print Fingerprint
	require.NoError(t, print.UnmarshalText([]byte("0123456789ab")))
	require.Equal(t, Fingerprint("0123456789ab"), print)
	for _, text := range []string{"", "0123456789a", "0123456789abc", "0123456789ax"} {
		require.Error(t, print.UnmarshalText([]byte(text)))
	}
}
