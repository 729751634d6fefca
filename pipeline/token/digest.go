package token

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Digest is the SHA-256 of a secure token, the only form of it that leaves
// the door.
type Digest [sha256.Size]byte

// DigestOf hashes a secure token as sent.
func DigestOf(token string) Digest { return sha256.Sum256([]byte(token)) }

// IsZero reports whether no token was named.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText writes the digest as hex.
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText reads a digest written as hex.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != 2*len(d) {
		return fmt.Errorf("a token digest has %d hex digits, not %d", 2*len(d), len(text))
	}
	if _, err := hex.Decode(d[:], text); err != nil {
		return fmt.Errorf("a token digest is hex: %w", err)
	}
	return nil
}
