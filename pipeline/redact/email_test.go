package redact

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// joeHash is the SHA-256 of joe@example.com, by `printf joe@example.com | sha256sum`.
const joeHash = "2481f36dfc515ca76451aaadf1399026942a01ee50c6d0a61988b43cef039bc2"

func TestEmailHashes(t *testing.T) {
	hash, err := EmailHash("joe@example.com")
	require.NoError(t, err)
	require.Equal(t, joeHash, hash)
	for _, text := range []string{"  Joe@Example.COM\t", hash, strings.ToUpper(hash)} {
		got, err := EmailHash(text)
		require.NoError(t, err, text)
		require.Equal(t, hash, got)
	}
	for _, digits := range []int{32, 40} {
		got, err := EmailHash(strings.Repeat("A", digits))
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("a", digits), got)
	}
	for _, text := range []string{
		"", "@", "joe", "joe@", "@example.com", "joe@x@y", "joe@exam ple.com", "joe@", "joe@ ", " @example.com", "a@b <c@d@e>", strings.Repeat("a", 33),
		strings.Repeat("g", 64), strings.Repeat("j", 320) + "@example.com",
	} {
		_, err := EmailHash(text)
		require.ErrorIs(t, err, ErrInvalidEmail, "%.30q", text)
	}
}

// An address has one hash, in whatever spelling it arrives.
func TestAnAddressHasOneHashInEverySpelling(t *testing.T) {
	for address, spellings := range map[string][]string{
		"jane+promo@shop.example": {
			"jane promo@shop.example", "Jane Promo@SHOP.example", "jane%2Bpromo@shop.example", "jane%252Bpromo%2540shop.example", "jane%2bpromo%40shop%2eexample",
			"mailto:jane+promo@shop.example?subject=x", "Jane P. <jane+promo@shop.example>", "<jane+promo@shop.example>", "jane&plus;promo&#64;shop.example",
			"jane\u002bpromo\u0040shop.example", "jane+promo\uFF20shop.example", "jane+promo@shop\uFF0Eexample", "\uFEFFjane+promo@shop.example", "jane + promo@shop.example",
			"jane+promo @ shop.example", "jane+promo&#x40;shop.example",
		},
		"joe@localhost":           {"JOE@localhost", "joe&commat;localhost"},
		"joe@192.0.2.1":           {"joe%40192.0.2.1"},
		`"joe smith"@example.com`: {`"Joe Smith"@example.com`},
		`"a@b"@example.com`:       {`%22a%40b%22%40example.com`},
		"jörg@bücher.example":     {"JÖRG@BÜCHER.example", "j%C3%B6rg@b%C3%BCcher.example", "j&#246;rg@b&#xfc;cher.example", "jörg@bücher\u3002example"},
	} {
		for _, spelling := range append(spellings, address) {
			got, err := EmailHash(spelling)
			require.NoError(t, err, spelling)
			if spelling == "jane + promo@shop.example" {
				require.NotEqual(t, sha256Hex(address), got, "two blanks more are another address")
				continue
			}
			require.Equal(t, sha256Hex(address), got, spelling)
		}
	}
}

func FuzzEmailHash(f *testing.F) {
	f.Add("Joe@Example.com")
	f.Add(strings.Repeat("A", 64))
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := EmailHash(text); err == nil {
			require.Regexp(t, `^([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})$`, got)
			again, err := EmailHash(got)
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
	})
}
