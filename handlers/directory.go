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
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// Finder looks reference data up in the database, one thing at a time.
type Finder interface {
	FindToken(ctx context.Context, digest hit.Digest) (attribution.Token, bool, error)
	FindOffer(ctx context.Context, id int64) (attribution.Offer, bool, error)
	FindPublisher(ctx context.Context, account, id int64) (attribution.Publisher, bool, error)
}

// Snapshots gives the reference data that the process holds in memory.
type Snapshots interface {
	Current() *store.Snapshot
}

// Directory answers from the snapshot in memory, and asks the database once
// for what the snapshot does not know, so that what was created a second ago
// works. What the database does not know either is remembered for a few
// seconds: a flood of forged tokens must not become a flood of queries.
type Directory struct {
	snapshots Snapshots
	finder    Finder
	flights   singleflight.Group
	places    *semaphore.Weighted
	found     *lru.Cache[any, answer]
}

const (
	// lookupsAtOnce bounds the queries for unknown things that one process
	// has under way.
	lookupsAtOnce = 4
	// rememberedLookups and rememberedFor bound what is kept of answers. The
	// time is also how long something just created may be refused, if it was
	// asked for right before and no notification came.
	rememberedLookups = 10_000
	rememberedFor     = 3 * time.Second
)

// answer is what the database said, a nil pointer for nothing, and until when
// that is believed.
type answer struct {
	value any
	until time.Time
}

// NewDirectory makes a Directory.
func NewDirectory(snapshots Snapshots, finder Finder) *Directory {
	found, err := lru.New[any, answer](rememberedLookups)
	if err != nil {
		panic(err) // only a size below one is refused
	}
	return &Directory{
		snapshots: snapshots,
		finder:    finder,
		places:    semaphore.NewWeighted(lookupsAtOnce),
		found:     found,
	}
}

// parties are the offer and the publisher that a hit is about, as the directory
// knows them; nil for one that does not exist.
type parties struct {
	offer     *attribution.Offer
	publisher *attribution.Publisher
}

// lookUp names an offer, of whatever account, and a publisher of the account. A
// zero names none.
type lookUp struct {
	account, offer, publisher int64
	// rulesAt is the time whose rules of identity must be known of the offer; zero
	// where none is about the hit, as without a click.
	rulesAt time.Time
}

// Parties looks up what is named.
func (d *Directory) Parties(ctx context.Context, wanted lookUp) (found parties, err error) {
	if wanted.offer != 0 {
		if found.offer, err = d.Offer(ctx, wanted.offer, wanted.rulesAt); err != nil {
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

// Token gives the token with that digest; nil when there is none.
func (d *Directory) Token(ctx context.Context, digest hit.Digest) (*attribution.Token, error) {
	if token, ok := d.snapshots.Current().Token(digest); ok {
		return &token, nil
	}
	return lookup(ctx, d, digest, always, func() (attribution.Token, bool, error) { return d.finder.FindToken(ctx, digest) })
}

// HeldToken is Token from the snapshot alone: it cannot fail and asks nobody.
func (d *Directory) HeldToken(digest hit.Digest) (attribution.Token, bool) {
	return d.snapshots.Current().Token(digest)
}

// Offer gives the offer with that id, of whatever account, with all rules of
// identity that are in force at that time and visible; nil when there is none.
// What the database has just said counts even when the time lies ahead of its
// clock: the caller looks at KnowsIdentityAt where that matters.
func (d *Directory) Offer(ctx context.Context, id int64, rulesAt time.Time) (*attribution.Offer, error) {
	if offer, ok := d.snapshots.Current().Offer(id); ok && offer.KnowsIdentityAt(rulesAt) {
		return &offer, nil
	}
	known := func(offer *attribution.Offer) bool { return offer == nil || offer.KnowsIdentityAt(rulesAt) }
	return lookup(ctx, d, id, known, func() (attribution.Offer, bool, error) { return d.finder.FindOffer(ctx, id) })
}

// Publisher gives the account's publisher with that id; nil when there is
// none.
func (d *Directory) Publisher(ctx context.Context, account, id int64) (*attribution.Publisher, error) {
	if publisher, ok := d.snapshots.Current().Publisher(account, id); ok {
		return &publisher, nil
	}
	return lookup(ctx, d, [2]int64{account, id}, always, func() (attribution.Publisher, bool, error) {
		return d.finder.FindPublisher(ctx, account, id)
	})
}

// always is for what stays valid for as long as it is remembered.
func always[T any](*T) bool { return true }

// ClickDropped reports whether retention has dropped the day of a click.
func (d *Directory) ClickDropped(id hit.TransactionID) bool {
	return !id.IsZero() && d.snapshots.Current().ClickDropped(id)
}

// lookup asks the database, together with all others that want to know the
// same, and remembers the answer for those for whom it is valid. Errors are not
// remembered.
func lookup[T any](ctx context.Context, d *Directory, key any, valid func(*T) bool, find func() (T, bool, error)) (*T, error) {
	if known, ok := remembered(d, key, valid); ok {
		return known, nil
	}
	ask := func() (any, error) {
		// Another flight may have landed since the look before.
		if known, ok := remembered(d, key, valid); ok {
			return known, nil
		}
		if err := d.places.Acquire(ctx, 1); err != nil {
			return nil, fmt.Errorf("wait to look up reference data: %w", err)
		}
		defer d.places.Release(1)
		found, ok, err := find()
		if err != nil {
			return nil, err
		}
		var value *T
		if ok {
			value = &found
		}
		d.found.Add(key, answer{value, time.Now().Add(rememberedFor)})
		return value, nil
	}
	flight := fmt.Sprintf("%T %v", key, key)
	value, err, shared := d.flights.Do(flight, ask)
	if err == nil && shared && !valid(value.(*T)) {
		// The flight of another, for whom an older answer will do.
		value, err, _ = d.flights.Do(flight, ask)
	}
	if err != nil {
		return nil, err
	}
	return value.(*T), nil
}

// remembered gives an earlier answer that is still believed.
func remembered[T any](d *Directory, key any, valid func(*T) bool) (*T, bool) {
	known, ok := d.found.Get(key)
	if !ok || !time.Now().Before(known.until) {
		return nil, false
	}
	value := known.value.(*T)
	return value, valid(value)
}
