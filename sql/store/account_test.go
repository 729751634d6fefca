package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store/storetest"
)

func TestEditChangesOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")

	renamed, err := db.EditAccount(t.Context(), made.account.ID, reference.AccountChange{Name: new("Emca")})
	require.NoError(t, err)
	require.Equal(t, "Emca", renamed.Name)
	require.Equal(t, reference.DefaultTimeZone, renamed.TimeZone)
	moved, err := db.EditAccount(t.Context(), made.account.ID, reference.AccountChange{TimeZone: new("Asia/Kolkata")})
	require.NoError(t, err)
	require.Equal(t, reference.Account{ID: renamed.ID, Name: "Emca", TimeZone: "Asia/Kolkata", CreatedAt: renamed.CreatedAt}, moved)
	advertiser, err := db.EditAdvertiser(t.Context(), made.account.ID, made.advertiser.ID, "boots")
	require.NoError(t, err)
	require.Equal(t, "boots", advertiser.Name)

	paused := attribution.Paused
	publisher, err := db.EditPublisher(t.Context(), made.account.ID, made.publisher.ID, reference.PublisherChange{Status: &paused})
	require.NoError(t, err)
	require.Equal(t, made.publisher.Name, publisher.Name)
	require.Equal(t, attribution.Paused, publisher.Status)
	publisher, err = db.EditPublisher(t.Context(), made.account.ID, made.publisher.ID, reference.PublisherChange{Name: new("news")})
	require.NoError(t, err)
	require.Equal(t, "news", publisher.Name)
	require.Equal(t, attribution.Paused, publisher.Status)
}

func TestErrorsNameTheMissingObject(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	offer := made.offer.Offer
	digest := token.DigestOf("whatever")

	for name, try := range map[string]struct {
		call func() error
		want string
	}{
		"account": {func() error { _, err := db.Account(t.Context(), 99); return err }, "there is no account 99"},
		"account to rename": {func() error {
			_, err := db.EditAccount(t.Context(), 99, reference.AccountChange{Name: new("x")})
			return err
		}, "there is no account 99"},
		"account to list":       {func() error { _, err := db.Offers(t.Context(), 99); return err }, "there is no account 99"},
		"account of advertiser": {func() error { _, err := db.CreateAdvertiser(t.Context(), 99, "x"); return err }, "there is no account 99"},
		"account of publisher":  {func() error { _, err := db.CreatePublisher(t.Context(), 99, "x"); return err }, "there is no account 99"},
		"account of domain":     {func() error { _, err := db.CreateDomain(t.Context(), 99, "a.example"); return err }, "there is no account 99"},
		"account of offer": {func() error {
			other := offer
			other.AccountID = 99
			_, err := db.CreateOffer(t.Context(), other)
			return err
		}, "there is no account 99"},
		"advertiser of offer": {func() error {
			other := offer
			other.AdvertiserID = 77
			_, err := db.CreateOffer(t.Context(), other)
			return err
		}, "account 1 has no advertiser 77"},
		"new advertiser of offer": {func() error {
			_, err := db.EditOffer(t.Context(), 1, offer.ID, reference.OfferChange{AdvertiserID: new(int64(77))})
			return err
		}, "account 1 has no advertiser 77"},
		"offer to edit": {func() error {
			_, err := db.EditOffer(t.Context(), 1, 55, reference.OfferChange{Name: new("x")})
			return err
		}, "account 1 has no offer 55"},
		"offer of terms": {func() error {
			return db.SetOverride(t.Context(), 1, 55, made.publisher.ID, attribution.Override{})
		}, "account 1 has no offer 55"},
		"publisher of terms": {func() error {
			return db.SetOverride(t.Context(), 1, offer.ID, 44, attribution.Override{})
		}, "account 1 has no publisher 44"},
		"terms to clear": {func() error {
			return db.ClearOverride(t.Context(), 1, offer.ID, made.publisher.ID)
		}, "publisher 1 has no terms of its own for offer 1 of account 1"},
		"account of token": {func() error { _, err := db.ImportToken(t.Context(), 99, 0, "", digest); return err }, "there is no account 99"},
		"account of new token": {func() error {
			_, err := db.CreateToken(t.Context(), 99, 0, "", func(int64) token.Digest { return digest })
			return err
		}, "there is no account 99"},
		"offer of token": {func() error { _, err := db.ImportToken(t.Context(), 1, 55, "", digest); return err }, "account 1 has no offer 55"},
		"owner":          {func() error { _, err := db.Owner(t.Context(), reference.TokenObject, 5); return err }, "there is no token 5"},
	} {
		t.Run(name, func(t *testing.T) {
			err := try.call()
			require.ErrorIs(t, err, reference.ErrNotFound)
			require.ErrorContains(t, err, try.want)
		})
	}
}

func TestAccountsNeverSeeOrEditEachOther(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	own, other := openShop(t, db, "Own"), openShop(t, db, "Other")
	domain, err := db.CreateDomain(t.Context(), other.account.ID, "other.example")
	require.NoError(t, err)
	foreign, err := db.ImportToken(t.Context(), other.account.ID, 0, "", token.DigestOf("other's"))
	require.NoError(t, err)
	id := own.account.ID

	for name, call := range map[string]func() error{
		"see advertiser":  func() error { _, err := db.Advertiser(t.Context(), id, other.advertiser.ID); return err },
		"edit advertiser": func() error { _, err := db.EditAdvertiser(t.Context(), id, other.advertiser.ID, "x"); return err },
		"see publisher":   func() error { _, err := db.Publisher(t.Context(), id, other.publisher.ID); return err },
		"edit publisher": func() error {
			_, err := db.EditPublisher(t.Context(), id, other.publisher.ID, reference.PublisherChange{Name: new("x")})
			return err
		},
		"see offer": func() error { _, err := db.Offer(t.Context(), id, other.offer.ID); return err },
		"edit offer": func() error {
			_, err := db.EditOffer(t.Context(), id, other.offer.ID, reference.OfferChange{Name: new("x")})
			return err
		},
		"take its advertiser": func() error {
			_, err := db.EditOffer(t.Context(), id, own.offer.ID, reference.OfferChange{AdvertiserID: &other.advertiser.ID})
			return err
		},
		"give its publisher terms": func() error {
			return db.SetOverride(t.Context(), id, own.offer.ID, other.publisher.ID, attribution.Override{})
		},
		"give terms for its offer": func() error {
			return db.SetOverride(t.Context(), id, other.offer.ID, own.publisher.ID, attribution.Override{})
		},
		"see domain":  func() error { _, err := db.Domain(t.Context(), id, domain.ID); return err },
		"edit domain": func() error { _, err := db.EditDomain(t.Context(), id, domain.ID, "x.example"); return err },
		"see token":   func() error { _, err := db.Token(t.Context(), id, foreign.ID); return err },
		"edit token":  func() error { _, err := db.EditToken(t.Context(), id, foreign.ID, foreign.CreatedAt); return err },
		"token of offer": func() error {
			_, err := db.ImportToken(t.Context(), id, other.offer.ID, "", token.DigestOf("own"))
			return err
		},
	} {
		require.ErrorIs(t, call(), reference.ErrNotFound, name)
	}

	advertisers, err := db.Advertisers(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []reference.Advertiser{own.advertiser}, advertisers)
	publishers, err := db.Publishers(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []reference.Publisher{own.publisher}, publishers)
	offers, err := db.Offers(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []reference.StoredOffer{own.offer}, offers)
	domains, err := db.Domains(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, domains)
	tokens, err := db.Tokens(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, tokens)

	for object, ofOther := range map[reference.Object]int64{
		reference.AdvertiserObject: other.advertiser.ID, reference.PublisherObject: other.publisher.ID,
		reference.OfferObject: other.offer.ID, reference.DomainObject: domain.ID, reference.TokenObject: foreign.ID,
	} {
		owner, err := db.Owner(t.Context(), object, ofOther)
		require.NoError(t, err)
		require.Equal(t, other.account.ID, owner, object)
	}
}
