package main

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

func TestTokensThatCanBeGuessedAreTold(t *testing.T) {
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

func TestAnImportThatCanBeGuessedIsRefusedUnlessForced(t *testing.T) {
	p := newProgram(t)
	p.shop()
	const weak = "summer-sale-2024"
	tokens := p.succeed("token", "list", "--account", "1", "--json")
	got := p.runWith(weak, "token", "import", "--account", "1")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "bits of guessing")
	require.Contains(t, got.stderr, "--force")
	require.NotContains(t, got.stdout+got.stderr, weak)
	require.Equal(t, tokens, p.succeed("token", "list", "--account", "1", "--json"), "nothing was stored")

	got = p.runWith(weak, "token", "import", "--account", "1", "--force")
	require.Equal(t, exitOK, got.code, got.stderr)
	require.NotEqual(t, tokens, p.succeed("token", "list", "--account", "1", "--json"))
}
