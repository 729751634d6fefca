package token

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"integr8/pipeline/ascii"
)

// Fingerprint names a service secret without revealing it: 12 hex digits.
type Fingerprint string

// A fingerprint is 48 bits of PBKDF2-HMAC-SHA256 of the secret under a fixed
// label. Everybody who reads the database sees it, so a guess at a secret costs
// 65,536 rounds: about 10 ms.
const (
	fingerprintLabel  = "integr8 service secret fingerprint"
	fingerprintRounds = 1 << 16
	fingerprintBytes  = 6
)

// Fingerprints returns the fingerprints of the service secrets, in their order:
// the first one signs. It takes about 10 ms a secret, so call it once.
func (k Keys) Fingerprints() []Fingerprint {
	prints := make([]Fingerprint, len(k.secrets))
	for i, secret := range k.secrets {
		digest, err := pbkdf2.Key(sha256.New, string(secret.text), []byte(fingerprintLabel), fingerprintRounds, fingerprintBytes)
		if err != nil {
			panic(err) // only FIPS mode refuses, and only salts and keys shorter than these
		}
		prints[i] = Fingerprint(hex.EncodeToString(digest))
	}
	return prints
}

// UnmarshalText reads a fingerprint as people copy it.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	if len(text) != 2*fingerprintBytes || !ascii.IsHex(string(text)) {
		return fmt.Errorf("a fingerprint of a secret has %d hex digits: see `integr8 secret list`", 2*fingerprintBytes)
	}
	*f = Fingerprint(text)
	return nil
}
