// Package handlers is what a hit means: one use case a file.
//
// A handler takes a hit from the worker, gathers what the rules in package
// attribution need to know, and has the store write what they decide. It
// returns an error only when it could not decide; what is wrong with the hit
// itself is an outcome, not an error. Every handler may meet the same hit
// again, at any time, and then does no harm.
package handlers

import (
	"context"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// Finder looks reference data up in the database. What does not exist is not in
// the results.
type Finder interface {
	FindTokens(ctx context.Context, digests []hit.Digest) (map[hit.Digest]attribution.Token, error)
	FindOffers(ctx context.Context, ids []store.PartyID) (map[store.PartyID]attribution.Offer, error)
	FindPublishers(ctx context.Context, ids []store.PartyID) (map[store.PartyID]attribution.Publisher, error)
}

// Snapshots returns the reference data that the process holds in memory.
type Snapshots interface {
	Current() *store.Snapshot
}

// Directory answers from the snapshot in memory, and asks the database once
// for what the snapshot does not know, so that what was created a second ago
// works. What the database does not know either is remembered for a few
// seconds: a flood of forged tokens must not become a flood of queries.
type Directory struct {
	snapshots  Snapshots
	tokens     *lookUps[hit.Digest, attribution.Token]
	offers     *lookUps[store.PartyID, attribution.Offer]
	publishers *lookUps[store.PartyID, attribution.Publisher]
}

// NewDirectory makes a Directory.
func NewDirectory(snapshots Snapshots, finder Finder) *Directory {
	return &Directory{
		snapshots:  snapshots,
		tokens:     newLookUps(finder.FindTokens),
		offers:     newLookUps(finder.FindOffers),
		publishers: newLookUps(finder.FindPublishers),
	}
}

// parties are the offer and the publisher that a hit is about, as the directory
// knows them; nil for one that does not exist.
type parties struct {
	offer     *attribution.Offer
	publisher *attribution.Publisher
}

// lookUp names an offer and a publisher of the account. A zero names none.
type lookUp struct {
	account, offer, publisher int64
	// rulesAt is the time whose rules of identity must be known of the offer; zero
	// where none is about the hit, as without a click.
	rulesAt time.Time
}

// Parties looks up what is named.
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

// Held is Parties from the snapshot alone: it cannot fail and asks nobody. It
// reports false when one of them is not in the snapshot, or when the snapshot is
// too old to know the offer's rules of identity at that time.
func (d *Directory) Held(wanted lookUp) (found parties, ok bool) {
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
func (d *Directory) Token(ctx context.Context, digest hit.Digest) (*attribution.Token, error) {
	if token, ok := d.snapshots.Current().Token(digest); ok {
		return &token, nil
	}
	return d.tokens.get(ctx, digest, always)
}

// HeldToken is Token from the snapshot alone: it cannot fail and asks nobody.
func (d *Directory) HeldToken(digest hit.Digest) (attribution.Token, bool) {
	return d.snapshots.Current().Token(digest)
}

// Offer returns the account's offer with that id, with all rules of identity that
// are in force at that time and visible; nil when there is none. The snapshot may
// give one of another account, which is for the rules to refuse. What the
// database has just said counts even when the time lies ahead of its clock: the
// caller looks at KnowsIdentityAt where that matters.
func (d *Directory) Offer(ctx context.Context, account, id int64, rulesAt time.Time) (*attribution.Offer, error) {
	if offer, ok := d.snapshots.Current().Offer(id); ok && offer.KnowsIdentityAt(rulesAt) {
		return &offer, nil
	}
	return d.offers.get(ctx, store.PartyID{AccountID: account, ID: id}, func(offer *attribution.Offer) bool {
		return offer == nil || offer.KnowsIdentityAt(rulesAt)
	})
}

// Publisher returns the account's publisher with that id; nil when there is
// none.
func (d *Directory) Publisher(ctx context.Context, account, id int64) (*attribution.Publisher, error) {
	if publisher, ok := d.snapshots.Current().Publisher(account, id); ok {
		return &publisher, nil
	}
	return d.publishers.get(ctx, store.PartyID{AccountID: account, ID: id}, always)
}

// always is for what stays valid for as long as it is remembered.
func always[T any](*T) bool { return true }

// ClickDropped reports whether retention has dropped the day of a click.
func (d *Directory) ClickDropped(id hit.TransactionID) bool {
	return !id.IsZero() && d.snapshots.Current().ClickDropped(id)
}
