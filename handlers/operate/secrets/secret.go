package secrets

import (
	"slices"
	"time"

	"integr8/pipeline/token"
)

// SeenEvery is how often a running process registers the secrets that it has.
const SeenEvery = 5 * time.Minute

// Secret is the record of a service secret. Times are null for what has not happened.
type Secret struct {
	Fingerprint token.Fingerprint `db:"fingerprint" json:"fingerprint"`
	FirstSeen   time.Time         `db:"first_seen" json:"first_seen"`
	// LastSeen is when a process last registered the secret. Running processes do so
	// every SeenEvery.
	LastSeen time.Time `db:"last_seen" json:"last_seen"`
	// SignsSince is when a process first signed with it; null while processes only
	// verify with it.
	SignsSince *time.Time `db:"signs_since" json:"signs_since"`
	LastSigned *time.Time `db:"last_signed" json:"last_signed"`
	RetiredAt  *time.Time `db:"retired_at" json:"retired_at"`
}

// Known returns what the rules of package token read of the record.
func (s Secret) Known() token.KnownSecret {
	known := token.KnownSecret{Fingerprint: s.Fingerprint, Retired: s.RetiredAt != nil}
	if s.SignsSince != nil {
		known.SignsSince = *s.SignsSince
	}
	return known
}

// Known returns what the rules of package token read of the records.
func Known(secrets []Secret) []token.KnownSecret {
	known := make([]token.KnownSecret, len(secrets))
	for i, secret := range secrets {
		known[i] = secret.Known()
	}
	return known
}

// Place is what a process does with a secret.
type Place string

// The places that a secret has in INTEGR8_SECRET: the first signs, all verify.
const (
	Signs    Place = "signs"
	Verifies Place = "verifies"
	Nowhere  Place = ""
)

// PlaceOf returns what a process with the secrets own does with one.
func PlaceOf(own []token.Fingerprint, print token.Fingerprint) Place {
	switch slices.Index(own, print) {
	case -1:
		return Nowhere
	case 0:
		return Signs
	default:
		return Verifies
	}
}
