package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"

	sqlfiles "integr8/sql"
)

var (
	onePerClick  = &attribution.Identity{}
	manyPerClick = &attribution.Identity{ManyPerClick: true}
)

func TestAnEditOfIdentityTakesEffectAMinuteAhead(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	edit := func(rules *attribution.Identity) reference.StoredOffer {
		t.Helper()
		offer, err := db.EditOffer(t.Context(), made.account.ID, made.offer.ID, reference.OfferChange{Identity: rules})
		require.NoError(t, err)
		return offer
	}
	require.Empty(t, edit(onePerClick).Later, "nothing was changed")

	before, err := db.Now(t.Context())
	require.NoError(t, err)
	offer := edit(manyPerClick)
	after, err := db.Now(t.Context())
	require.NoError(t, err)
	require.Len(t, offer.Later, 1)
	since := offer.Later[0].Since
	require.False(t, since.Before(before.Add(time.Minute)))
	require.False(t, since.After(after.Add(time.Minute)))
	require.False(t, offer.IdentityAt(since.Add(-time.Microsecond)).ManyPerClick)
	require.True(t, offer.IdentityAt(since).ManyPerClick)
	require.Len(t, edit(manyPerClick).Later, 1, "it is set already, though not in force yet")

	// Changed back within the minute: the announced rule stays, because others may know it.
	offer = edit(onePerClick)
	require.Len(t, offer.Later, 2)
	require.Equal(t, since, offer.Later[0].Since)
	require.True(t, offer.Later[1].Since.After(since))
	require.True(t, offer.IdentityAt(since).ManyPerClick)
	require.False(t, offer.NewestIdentity().ManyPerClick)

	for _, look := range []func() attribution.Offer{
		func() attribution.Offer {
			id := attribution.PartyID{AccountID: offer.AccountID, ID: offer.ID}
			found, err := db.FindOffers(t.Context(), []attribution.PartyID{id})
			require.NoError(t, err)
			return found[id]
		},
		func() attribution.Offer {
			snapshot, err := db.LoadSnapshot(t.Context())
			require.NoError(t, err)
			found, _ := snapshot.Offer(offer.ID)
			return found
		},
	} {
		found := look()
		require.Equal(t, offer.Later, found.Later)
		require.True(t, found.KnowsIdentityAt(after.Add(40*time.Second)))
		require.False(t, found.KnowsIdentityAt(offer.Later[1].Since), "the next edit may be in force then")
	}
}

func TestRulesOfIdentityStayInOrderWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	b.exec("INSERT INTO offer_identity (account_id, offer_id, since, many_per_click) VALUES (1, 1, now() + interval '1 hour', true)")
	offer, err := b.EditOffer(t.Context(), 1, 1, reference.OfferChange{Identity: onePerClick})
	require.NoError(t, err)
	require.Len(t, offer.Later, 2)
	require.True(t, offer.Later[1].Since.After(offer.Later[0].Since))
}

// TestNoRulesAreCertainWhileAnEditIsUnderWay: an edit has read the clock and is not
// committed yet. A process that does not see it must not consider rules certain for a
// time at which it may be in force.
func TestNoRulesAreCertainWhileAnEditIsUnderWay(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func(*books) (attribution.Offer, error){
		"a snapshot": func(b *books) (attribution.Offer, error) {
			snapshot, err := b.LoadSnapshot(b.t.Context())
			if err != nil {
				return attribution.Offer{}, err
			}
			offer, _ := snapshot.Offer(1)
			return offer, nil
		},
		"a look-up": func(b *books) (attribution.Offer, error) {
			id := attribution.PartyID{AccountID: 1, ID: 1}
			found, err := b.FindOffers(b.t.Context(), []attribution.PartyID{id})
			return found[id], err
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBooks(t)
			b.party(1)
			editing, err := b.db.BeginTxx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = editing.Rollback() }) // has ended unless the test failed before
			_, err = editing.Exec(sqlfiles.Query("identity/lock").Text, "60000")
			require.NoError(t, err)
			_, err = editing.Exec(sqlfiles.Query("identity/change").Text, time.Minute.Microseconds(), true, 1, 1)
			require.NoError(t, err)

			type result struct {
				offer attribution.Offer
				err   error
			}
			loaded := make(chan result, 1)
			go func() {
				offer, err := load(b)
				loaded <- result{offer, err}
			}()
			b.awaitLocks(1)
			require.NoError(t, editing.Commit())
			got := <-loaded
			require.NoError(t, got.err)
			require.Len(t, got.offer.Later, 1)
		})
	}
}

func TestAClickKeepsTheTimeOfItsRules(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	now, err := b.Now(t.Context())
	require.NoError(t, err)
	at := now.UTC().Truncate(time.Microsecond)
	late, early := b.clickRecord(at.Add(-time.Hour)), b.clickRecord(at.Add(time.Hour)) // of a receiver that is an hour ahead
	b.write(late, early)
	found, err := b.Clicks(t.Context(), []token.TransactionID{late.Hit.TransactionID, early.Hit.TransactionID})
	require.NoError(t, err)
	require.Equal(t, late.Hit.ReceivedAt, found[late.Hit.TransactionID].RulesAt)
	kept := found[early.Hit.TransactionID].RulesAt
	require.False(t, kept.Before(at))
	require.True(t, kept.Before(at.Add(time.Minute)), "no later than it was recorded")
	require.True(t, found[early.Hit.TransactionID].ClickedAt.Equal(at.Add(time.Hour)))

	// A copy of the click changes nothing.
	b.write(early)
	again, err := b.Clicks(t.Context(), []token.TransactionID{early.Hit.TransactionID})
	require.NoError(t, err)
	require.Equal(t, kept, again[early.Hit.TransactionID].RulesAt)
}

// TestAnEditWhoseProcessIsGoneHoldsNobodyUp: the process of an edit stops between its
// lock and its commit, for example because its machine has gone to sleep.
func TestAnEditWhoseProcessIsGoneHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	gone, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = gone.Rollback() }) // its session has ended
	require.NoError(t, store.ChangeIdentity(t.Context(), gone, 1, 1, attribution.Identity{ManyPerClick: true}))
	snapshot, err := b.LoadSnapshot(t.Context())
	require.NoError(t, err)
	offer, _ := snapshot.Offer(1)
	require.Empty(t, offer.Later)
	require.Error(t, gone.Commit())
}
