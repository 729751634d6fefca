package handlers

import (
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/receiver"
)

// Doors tells the receiver's doors what they need of the reference data, from
// memory only.
type Doors struct {
	snapshots Snapshots
}

var _ receiver.Directory = Doors{}

// NewDoors makes the doors' view of the snapshots.
func NewDoors(snapshots Snapshots) Doors { return Doors{snapshots: snapshots} }

// Offer returns what a tracking link needs of an offer.
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

// IsToken reports whether a text is a secure token, be it imported or generated.
func (d Doors) IsToken(text string) bool { return d.KnowsToken(hit.DigestOf(text)) }

// HasImportedTokens reports whether a token may have been imported: before the
// first snapshot that is not known.
func (d Doors) HasImportedTokens() bool { return !d.snapshots.Current().OnlyGenerated }

// KnowsToken reports whether there is a token with this digest in memory, an
// expired one included.
func (d Doors) KnowsToken(digest hit.Digest) bool {
	_, ok := d.snapshots.Current().Token(digest)
	return ok
}
