package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokensDifferByAccountOfferGenerationAndSecret(t *testing.T) {
	a, b := keys(t, secretA), keys(t, secretB)
	seen := map[string]bool{}
	for _, token := range []string{
		a.Token(1, 0, 1), a.Token(2, 0, 1), a.Token(1, 1, 1), a.Token(1, 2, 1), a.Token(1, 0, 2), b.Token(1, 0, 1),
	} {
		require.Regexp(t, regexp.MustCompile(`^i8t_[0-9a-f]{40}$`), token)
		require.False(t, seen[token])
		seen[token] = true
	}
	require.Equal(t, a.Token(1, 0, 1), a.Token(1, 0, 1))
}

func TestTokenIsRecoveredUnderAnOlderSecret(t *testing.T) {
	old := keys(t, secretA).Token(7, 3, 2)
	both := keys(t, secretB+","+secretA)

	got, ok := both.RecoverToken("", 7, 3, 2, DigestOf(old))
	require.True(t, ok)
	require.Equal(t, old, got)

	_, ok = both.RecoverToken("", 7, 3, 1, DigestOf(old))
	require.False(t, ok)
	_, ok = keys(t, secretB).RecoverToken("", 7, 3, 2, DigestOf(old))
	require.False(t, ok)
}

func TestDigestTravelsAsText(t *testing.T) {
	digest := DigestOf("a token")
	data, err := json.Marshal(digest)
	require.NoError(t, err)
	var got Digest
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, digest, got)
	require.Error(t, got.UnmarshalText([]byte("12")))
	require.Error(t, got.UnmarshalText([]byte(strings.Repeat("x", 64))))
	require.True(t, Digest{}.IsZero())
	require.False(t, digest.IsZero())
}

// TestAPurposeMakesAnotherToken: it is part of what a token is derived from, and
// one without a purpose stays what it was before there were any.
func TestAPurposeMakesAnotherToken(t *testing.T) {
	k := keys(t, secretA)
	seen := map[string]string{}
	for _, purpose := range []string{"", "postback", "pixel", "clickless"} {
		token := k.TokenFor(purpose, 7, 3, 1)
		require.NotContains(t, seen, token)
		seen[token] = purpose
		got, ok := k.RecoverToken(purpose, 7, 3, 1, DigestOf(token))
		require.True(t, ok)
		require.Equal(t, token, got)
		for _, other := range []string{"", "postback", "pixel", "clickless"} {
			_, ok := k.RecoverToken(other, 7, 3, 1, DigestOf(token))
			require.Equal(t, other == purpose, ok)
		}
	}
	mac := hmac.New(sha256.New, []byte(secretA))
	mac.Write([]byte("integr8 secure token\naccount 7\noffer 3\ngeneration 1"))
	require.Equal(t, "i8t_"+hex.EncodeToString(mac.Sum(nil)[:20]), k.Token(7, 3, 1))
}
