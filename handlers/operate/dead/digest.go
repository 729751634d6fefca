package dead

import (
	"encoding/hex"
	"errors"
	"strings"

	"integr8/pipeline/token"
)

// leastDigest and wholeDigest are the numbers of hex digits that a DigestPrefix has.
const (
	leastDigest = 8
	wholeDigest = 2 * len(token.Digest{})
)

// DigestPrefix is the beginning of a token's digest in lower-case hex: 8 digits at least,
// an even number of them. The empty one matches every letter.
type DigestPrefix string

// DigestOf returns the whole digest of a token.
func DigestOf(digest token.Digest) DigestPrefix { return DigestPrefix(hex.EncodeToString(digest[:])) }

// Short returns the first digits, by which people tell digests apart.
func (d DigestPrefix) Short() DigestPrefix { return d[:min(len(d), leastDigest)] }

// Bytes returns the bytes that the digits stand for.
func (d DigestPrefix) Bytes() []byte {
	bytes, _ := hex.DecodeString(string(d)) // UnmarshalText and DigestOf make hex only
	return bytes
}

// UnmarshalText reads the digits. Its error does not repeat the text, which may be a
// token by mistake.
func (d *DigestPrefix) UnmarshalText(text []byte) error {
	digits := strings.ToLower(string(text))
	if _, err := hex.DecodeString(digits); err != nil || len(digits) < leastDigest || len(digits) > wholeDigest {
		return errors.New("a digest is 8 to 64 hex digits, an even number, as lists of dead letters show it; a token itself is given as `--token`")
	}
	*d = DigestPrefix(digits)
	return nil
}
