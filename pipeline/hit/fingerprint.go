package hit

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Fingerprint names a service secret without telling it: 12 hex digits.
type Fingerprint string

// A fingerprint is 48 bits of PBKDF2-HMAC-SHA256 of the secret under a fixed
// label. Everybody who reads the database sees it, so each guess at a secret
// costs as much as its 65,536 rounds: about 10 ms.
const (
	fingerprintLabel  = "integr8 service secret fingerprint"
	fingerprintRounds = 1 << 16
	fingerprintBytes  = 6
)

// Fingerprints returns those of the service secrets, in their order: the first
// signs. It takes about 10 ms a secret, so call it once.
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
	if len(text) != 2*fingerprintBytes || !isHex(string(text)) {
		return fmt.Errorf("a fingerprint of a secret has %d hex digits: see integr8 secret list", 2*fingerprintBytes)
	}
	*f = Fingerprint(text)
	return nil
}

// KnownSecret is what is known of a service secret that some process had.
type KnownSecret struct {
	Fingerprint Fingerprint `json:"fingerprint"`
	// SignsSince is when a process first signed with it; zero while processes
	// only verify with it.
	SignsSince time.Time `json:"signs_since,omitzero"`
	// Retired says that its absence is intended.
	Retired bool `json:"retired,omitempty"`
}

// NewestSigner returns the known secret that began to sign last, of those that
// are not retired; false when there is none.
func NewestSigner(known []KnownSecret) (newest KnownSecret, ok bool) {
	for _, secret := range known {
		if !secret.Retired && secret.SignsSince.After(newest.SignsSince) {
			newest, ok = secret, true
		}
	}
	return newest, ok
}

// Signs reports whether a secret is known to sign.
func Signs(known []KnownSecret, print Fingerprint) bool {
	for _, secret := range known {
		if secret.Fingerprint == print {
			return !secret.SignsSince.IsZero() && !secret.Retired
		}
	}
	return false
}
