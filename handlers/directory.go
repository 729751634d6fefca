// Package handlers decides hits: clicks, postbacks, dead letters, and postbacks that
// wait for their click. Each use case is a file.
//
// A handler gets a hit from the worker, looks up the data that the rules in package
// attribution need, and writes their decision to the store. It returns an error only
// when it could not decide; a fault of the hit itself is an outcome and not an error.
// Every handler is idempotent: it may be called with the same hit again at any time.
//
// The package uses no SQL and no HTTP. Its interfaces Records, Finder, Waits and
// DeadRecords are implemented by the store.
package handlers

import (
	"context"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
)

// Finder looks up reference data in the database. The results lack what does not exist.
type Finder interface {
	FindTokens(ctx context.Context, digests []token.Digest) (map[token.Digest]attribution.Token, error)
	FindOffers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Offer, error)
	FindPublishers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Publisher, error)
}

// Snapshots returns the reference data that the process holds in memory.
type Snapshots interface {
	Current() *attribution.Snapshot
}

// Directory returns reference data from the snapshot in memory. When the snapshot lacks
// something, Directory queries the database for it, so that an offer that was created a
// second ago works. It caches for a few seconds that something does not exist, so that
// a flood of forged tokens does not become a flood of queries.
type Directory struct {
	snapshots  Snapshots
	tokens     *lookUps[token.Digest, attribution.Token]
	offers     *lookUps[attribution.PartyID, attribution.Offer]
	publishers *lookUps[attribution.PartyID, attribution.Publisher]
}

// NewDirectory returns a Directory.
func NewDirectory(snapshots Snapshots, finder Finder) *Directory {
	return &Directory{
		snapshots:  snapshots,
		tokens:     newLookUps(finder.FindTokens),
		offers:     newLookUps(finder.FindOffers),
		publishers: newLookUps(finder.FindPublishers),
	}
}

// parties are the offer and the publisher of a hit; nil when they do not exist.
type parties struct {
	offer     *attribution.Offer
	publisher *attribution.Publisher
}

// lookUp holds the ids of an offer and of a publisher of an account; 0 for none.
type lookUp struct {
	account, offer, publisher int64
	// rulesAt is the time at which the offer's rules of identity must be known; zero
	// when none applies to the hit, as without a click.
	rulesAt time.Time
}

// Parties returns the parties of a look-up.
func (d *Directory) Parties(ctx context.Context, wanted lookUp) (found parties, err error) {
	if wanted.offer != 0 {
		if found.offer, err = d.Offer(ctx, wanted.account, wanted.offer, wanted.rulesAt); err != nil {
			return parties{}, err
		}
	}
	if wanted.publisher != 0 {
		if found.publisher, err = d.Publisher(ctx, wanted.account, wanted.publisher); err != nil {
			return parties{}, err
		}
	}
	return found, nil
}

// PartiesInMemory is Parties from the snapshot alone, without a query. It returns false
// when one of them is not in the snapshot, or when the snapshot is too old to know the
// offer's rules of identity at rulesAt.
func (d *Directory) PartiesInMemory(wanted lookUp) (found parties, ok bool) {
	snapshot := d.snapshots.Current()
	if wanted.offer != 0 {
		known, ok := snapshot.Offer(wanted.offer)
		if !ok || !known.KnowsIdentityAt(wanted.rulesAt) {
			return parties{}, false
		}
		found.offer = &known
	}
	if wanted.publisher != 0 {
		known, ok := snapshot.Publisher(wanted.account, wanted.publisher)
		if !ok {
			return parties{}, false
		}
		found.publisher = &known
	}
	return found, true
}

// Token returns the token with that digest; nil when there is none.
func (d *Directory) Token(ctx context.Context, digest token.Digest) (*attribution.Token, error) {
	if token, ok := d.snapshots.Current().Token(digest); ok {
		return &token, nil
	}
	return d.tokens.get(ctx, digest, always)
}

// TokenInMemory is Token from the snapshot alone, without a query.
func (d *Directory) TokenInMemory(digest token.Digest) (attribution.Token, bool) {
	return d.snapshots.Current().Token(digest)
}

// Offer returns the account's offer with that id, with all rules of identity that
// are in force at rulesAt and visible; nil when there is none. From the snapshot it may
// return an offer of another account, which the rules then refuse. It returns the result
// of a query even when rulesAt is later than the database's clock; the caller checks
// KnowsIdentityAt where that matters.
func (d *Directory) Offer(ctx context.Context, account, id int64, rulesAt time.Time) (*attribution.Offer, error) {
	if offer, ok := d.snapshots.Current().Offer(id); ok && offer.KnowsIdentityAt(rulesAt) {
		return &offer, nil
	}
	return d.offers.get(ctx, attribution.PartyID{AccountID: account, ID: id}, func(offer *attribution.Offer) bool {
		return offer == nil || offer.KnowsIdentityAt(rulesAt)
	})
}

// Publisher returns the account's publisher with that id; nil when there is
// none.
func (d *Directory) Publisher(ctx context.Context, account, id int64) (*attribution.Publisher, error) {
	if publisher, ok := d.snapshots.Current().Publisher(account, id); ok {
		return &publisher, nil
	}
	return d.publishers.get(ctx, attribution.PartyID{AccountID: account, ID: id}, always)
}

// always accepts every cached result.
func always[T any](*T) bool { return true }

// ClickDropped reports whether retention has dropped the day of a click.
func (d *Directory) ClickDropped(id token.TransactionID) bool {
	return !id.IsZero() && d.snapshots.Current().ClickDropped(id)
}
