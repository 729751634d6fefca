package reference

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTokensThatCanBeGuessedAreRecognised(t *testing.T) {
	t.Parallel()
	for _, weak := range []string{
		"password", "password2024", "Summer-Sale-2024!", "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"abababababababababababababababab", "advertiser-postback-token", "12345678", "deadbeef", "northshoesnorthshoesnorthshoes", "Xk3!Xk3!Xk3!Xk3!Xk3!Xk3!",
		"correct-horse-battery-staple", "4815162342", "20240131120000", "Admin12345678901234567890",
	} {
		require.Less(t, guessingBits(weak), float64(minGuessingBits), weak)
	}
	source := rand.NewChaCha8([32]byte{15}) // the same each time: one in thousands looks like words
	for range 200 {
		var random [20]byte
		var long [30]byte
		_, _ = source.Read(random[:])
		_, _ = source.Read(long[:])
		one, err := uuid.NewRandomFromReader(source)
		require.NoError(t, err)
		for _, strong := range []string{
			hex.EncodeToString(random[:]), strings.ToUpper(hex.EncodeToString(random[:])), base64.RawURLEncoding.EncodeToString(random[:]),
			base32.StdEncoding.EncodeToString(long[:]), one.String(),
		} {
			require.GreaterOrEqual(t, guessingBits(strong), float64(minGuessingBits), strong)
		}
	}
}
