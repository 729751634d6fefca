package handlers

import (
	"integr8/handlers/attribution"
	"integr8/pipeline/receiver"
	"integr8/pipeline/token"
)

// Doors implements receiver.Directory on the reference data in memory.
type Doors struct {
	snapshots Snapshots
}

var _ receiver.Directory = Doors{}

// NewDoors returns Doors over the snapshots.
func NewDoors(snapshots Snapshots) Doors { return Doors{snapshots: snapshots} }

// Offer returns the part of an offer that a tracking link needs.
func (d Doors) Offer(id int64) (receiver.Offer, bool) {
	offer, ok := d.snapshots.Current().Offer(id)
	return receiver.Offer{
		AccountID:   offer.AccountID,
		Destination: offer.Destination,
		Paused:      offer.Status == attribution.Paused,
	}, ok
}

// PublisherPaused reports whether the publisher is known to be paused.
func (d Doors) PublisherPaused(account, publisher int64) bool {
	found, ok := d.snapshots.Current().Publisher(account, publisher)
	return ok && found.Status == attribution.Paused
}

// PixelAccount returns the account that a custom tracking domain belongs to.
func (d Doors) PixelAccount(host string) (int64, bool) {
	return d.snapshots.Current().Domain(host)
}

// IsToken reports whether a text is a secure token, imported or generated.
func (d Doors) IsToken(text string) bool { return d.KnowsToken(token.DigestOf(text)) }

// HasImportedTokens reports whether an imported token may exist. It returns true before
// the first snapshot.
func (d Doors) HasImportedTokens() bool { return !d.snapshots.Current().OnlyGenerated() }

// KnowsToken reports whether a token with this digest is in memory, including an
// expired one.
func (d Doors) KnowsToken(digest token.Digest) bool {
	_, ok := d.snapshots.Current().Token(digest)
	return ok
}
