package token

import (
	"slices"
	"time"
)

// KnownSecret is the record of a service secret that some process had.
type KnownSecret struct {
	Fingerprint Fingerprint `json:"fingerprint"`
	// SignsSince is when a process first signed with it; zero while processes
	// only verify with it.
	SignsSince time.Time `json:"signs_since,omitzero"`
	// Retired says that its absence is intended.
	Retired bool `json:"retired,omitempty"`
}

// MissedBy reports whether a list lacks this secret although it has signed.
func (k KnownSecret) MissedBy(own []Fingerprint) bool {
	return !k.Retired && !k.SignsSince.IsZero() && !slices.Contains(own, k.Fingerprint)
}

// NewestSigner returns the secret that began to sign last, of those that are not
// retired; false when there is none.
func NewestSigner(known []KnownSecret) (newest KnownSecret, ok bool) {
	for _, secret := range known {
		if !secret.Retired && secret.SignsSince.After(newest.SignsSince) {
			newest, ok = secret, true
		}
	}
	return newest, ok
}

// Signs reports whether a secret is known to sign and is not retired.
func Signs(known []KnownSecret, print Fingerprint) bool {
	for _, secret := range known {
		if secret.Fingerprint == print {
			return !secret.SignsSince.IsZero() && !secret.Retired
		}
	}
	return false
}
