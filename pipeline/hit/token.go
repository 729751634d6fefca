package hit

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

// Token derives the secure token of an account (offer 0: its global token)
// for a generation, which begins at 1 and grows with each token of the same
// scope. The newest service secret signs it. It can be derived again at any
// time, so that only its digest need be stored.
func (k Keys) Token(account, offer, generation int64) string {
	return k.TokenFor("", account, offer, generation)
}

// TokenFor is Token for one way in, its purpose; with an empty one it is Token.
// The generations of each purpose are counted by themselves.
func (k Keys) TokenFor(purpose Kind, account, offer, generation int64) string {
	return deriveToken(k.secrets[0], purpose, account, offer, generation)
}

// RecoverToken finds the token whose digest is given under any of the service
// secrets, the older ones too; false when none of them made it.
func (k Keys) RecoverToken(purpose Kind, account, offer, generation int64, digest Digest) (string, bool) {
	for _, secret := range k.secrets {
		if token := deriveToken(secret, purpose, account, offer, generation); DigestOf(token) == digest {
			return token, true
		}
	}
	return "", false
}

// The form of a generated token: a prefix and so many hex digits.
const (
	generatedPrefix = "i8t_"
	generatedDigits = 40
)

func deriveToken(secret serviceSecret, purpose Kind, account, offer, generation int64) string {
	scope := "global"
	if offer != 0 {
		scope = fmt.Sprintf("offer %d", offer)
	}
	message := fmt.Appendf(nil, "integr8 secure token\naccount %d\n%s\ngeneration %d", account, scope, generation)
	if purpose != "" { // so that a token without one stays what it was
		message = fmt.Appendf(message, "\nfor %s", purpose)
	}
	return generatedPrefix + hex.EncodeToString(secret.sign(message)[:generatedDigits/2])
}
