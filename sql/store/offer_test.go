package store_test

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/sql/store/storetest"
)

func TestOfferKeepsEveryTerm(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	require.Equal(t, attribution.Active, made.offer.Status)
	require.Equal(t, attribution.DefaultWindow, made.offer.Window)

	want := attribution.Offer{
		AccountID:    made.account.ID,
		AdvertiserID: made.advertiser.ID,
		Name:         "Exact",
		Destination:  "https://shop.example/{sub_id}?c={transaction_id}",
		Status:       attribution.Paused,
		Currency:     "EUR",
		Payout:       attribution.Money{Amount: decimal.RequireFromString("999999999999.999999")},
		Revenue:      attribution.Money{Amount: decimal.RequireFromString("0.000001"), Percent: true},
		Window:       36 * time.Hour,
		Identity:     attribution.Identity{ManyPerClick: true},
		Consent:      attribution.Consent{Words: []string{"trial", `a "word", {of} \ own`}, Ignored: []string{"goalid"}},
		OwnAmounts:   true,
		Ceiling:      new(decimal.RequireFromString("250.000001")),
	}
	requireEveryFieldSet(t, want, "ID", "Payout.Percent", "Later", "KnownUntil", "Overrides.packed") // other tests have these
	created, err := db.CreateOffer(t.Context(), want)
	require.NoError(t, err)
	want.ID = created.ID
	require.Empty(t, cmp.Diff(want, created.Offer))
	require.Equal(t, time.UTC.String(), created.CreatedAt.UTC().Location().String())

	id := attribution.PartyID{AccountID: created.AccountID, ID: created.ID}
	offers, err := db.FindOffers(t.Context(), []attribution.PartyID{
		{AccountID: created.AccountID, ID: 999}, id, {AccountID: created.AccountID + 1, ID: created.ID},
	})
	require.NoError(t, err)
	require.Len(t, offers, 1)
	found := offers[id]
	require.NotZero(t, found.KnownUntil)
	found.KnownUntil = time.Time{}
	require.Empty(t, cmp.Diff(want, found))
}

func TestEditOfferChangesOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	second, err := db.CreateAdvertiser(t.Context(), made.account.ID, "hats")
	require.NoError(t, err)
	paused := attribution.Paused
	free := attribution.Money{Amount: decimal.Zero}
	share := attribution.Money{Amount: decimal.RequireFromString("12.5"), Percent: true}

	want := made.offer
	var all reference.OfferChange
	for _, step := range []struct {
		change reference.OfferChange
		apply  func()
	}{
		{reference.OfferChange{}, func() {}},
		{reference.OfferChange{AdvertiserID: &second.ID}, func() { want.AdvertiserID = second.ID }},
		{reference.OfferChange{Name: new("Sale 2")}, func() { want.Name = "Sale 2" }},
		{reference.OfferChange{Destination: new("https://x.example/{transaction_id}")}, func() { want.Destination = "https://x.example/{transaction_id}" }},
		{reference.OfferChange{Status: &paused}, func() { want.Status = paused }},
		{reference.OfferChange{Currency: new("GBP")}, func() { want.Currency = "GBP" }},
		{reference.OfferChange{Payout: &share}, func() { want.Payout = share }},
		{reference.OfferChange{Revenue: &free}, func() { want.Revenue = free }},
		{reference.OfferChange{OwnAmounts: new(true)}, func() { want.OwnAmounts = true }},
		{reference.OfferChange{Ceiling: new(new(decimal.NewFromInt(70)))}, func() { want.Ceiling = new(decimal.NewFromInt(70)) }},
		{reference.OfferChange{Name: new("Sale 3")}, func() { want.Name = "Sale 3" }},
		{reference.OfferChange{Ceiling: new((*decimal.Decimal)(nil))}, func() { want.Ceiling = nil }},
		{reference.OfferChange{OwnAmounts: new(false)}, func() { want.OwnAmounts = false }},
		{reference.OfferChange{BaseWords: &[]string{"trial"}}, func() { want.Consent.Words = []string{"trial"} }},
		{reference.OfferChange{IgnoredParams: &[]string{"goalid"}}, func() { want.Consent.Ignored = []string{"goalid"} }},
		{reference.OfferChange{Window: new(7 * 24 * time.Hour)}, func() { want.Window = 7 * 24 * time.Hour }},
	} {
		step.apply()
		got, err := db.EditOffer(t.Context(), made.account.ID, made.offer.ID, step.change)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		for field, value := range reflect.ValueOf(step.change).Fields() {
			if !value.IsZero() {
				reflect.ValueOf(&all).Elem().FieldByIndex(field.Index).Set(value)
			}
		}
	}
	requireEveryFieldSet(t, all, "Identity") // see TestAnEditOfIdentityTakesEffectAMinuteAhead
}

// requireEveryFieldSet fails when a field of a struct, or of a struct of package
// attribution in it, is zero. except names the fields that may be.
func requireEveryFieldSet(t *testing.T, whole any, except ...string) {
	t.Helper()
	var unset []string
	var look func(prefix string, value reflect.Value)
	look = func(prefix string, value reflect.Value) {
		for field, value := range value.Fields() {
			if name := prefix + field.Name; field.Type.Kind() == reflect.Struct && field.Type.PkgPath() == reflect.TypeFor[attribution.Offer]().PkgPath() {
				look(name+".", value)
			} else if value.IsZero() {
				unset = append(unset, name)
			}
		}
	}
	look("", reflect.ValueOf(whole))
	require.ElementsMatch(t, except, unset, "a test that writes and reads every field leaves these out")
}

func TestPublisherTermsAreSetApartAndCleared(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	second, err := db.CreatePublisher(t.Context(), made.account.ID, "news")
	require.NoError(t, err)
	payout := attribution.Money{Amount: decimal.RequireFromString("3.25")}
	revenue := attribution.Money{Amount: decimal.NewFromInt(90), Percent: true}
	set := func(publisher int64, terms attribution.Override) {
		t.Helper()
		require.NoError(t, db.SetOverride(t.Context(), made.account.ID, made.offer.ID, publisher, terms))
	}
	overrides := func() map[int64]attribution.Override {
		t.Helper()
		offer, err := db.Offer(t.Context(), made.account.ID, made.offer.ID)
		require.NoError(t, err)
		return maps.Collect(offer.Overrides.All())
	}

	set(made.publisher.ID, attribution.Override{Payout: &payout})
	require.Empty(t, cmp.Diff(map[int64]attribution.Override{made.publisher.ID: {Payout: &payout}}, overrides()))
	set(made.publisher.ID, attribution.Override{Revenue: &revenue})
	set(second.ID, attribution.Override{Revenue: &revenue})
	require.Empty(t, cmp.Diff(map[int64]attribution.Override{
		made.publisher.ID: {Payout: &payout, Revenue: &revenue},
		second.ID:         {Revenue: &revenue},
	}, overrides()))

	require.NoError(t, db.ClearOverride(t.Context(), made.account.ID, made.offer.ID, made.publisher.ID))
	require.Empty(t, cmp.Diff(map[int64]attribution.Override{second.ID: {Revenue: &revenue}}, overrides()))
}
