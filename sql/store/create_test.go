package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store/storetest"
)

func TestAFailedCreateUsesUpNoID(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	openShop(t, db, "Other")
	_, err := db.CreateDomain(t.Context(), 1, "t.example.com")
	require.NoError(t, err)
	imported := token.DigestOf("imported")
	_, err = db.ImportToken(t.Context(), 1, 0, "", imported)
	require.NoError(t, err)

	for _, failing := range []func() error{
		func() error { _, err := db.CreateAdvertiser(t.Context(), 99, "x"); return err },
		func() error { _, err := db.CreatePublisher(t.Context(), 99, "x"); return err },
		func() error {
			offer := made.offer.Offer
			offer.AdvertiserID = 99
			_, err := db.CreateOffer(t.Context(), offer)
			return err
		},
		func() error { // the advertiser of another account
			offer := made.offer.Offer
			offer.AdvertiserID = 2
			_, err := db.CreateOffer(t.Context(), offer)
			return err
		},
		func() error {
			offer := made.offer.Offer
			offer.AccountID = 99
			_, err := db.CreateOffer(t.Context(), offer)
			return err
		},
		func() error { _, err := db.CreateDomain(t.Context(), 99, "u.example.com"); return err },
		func() error { _, err := db.CreateDomain(t.Context(), 1, "t.example.com"); return err },
		func() error { _, err := db.CreateDomain(t.Context(), 2, "t.example.com"); return err },
		func() error { _, err := db.ImportToken(t.Context(), 99, 0, "", token.DigestOf("x")); return err },
		func() error { _, err := db.ImportToken(t.Context(), 1, 2, "", token.DigestOf("x")); return err },
		func() error { _, err := db.ImportToken(t.Context(), 1, 0, "", imported); return err },
		func() error { _, err := db.ImportToken(t.Context(), 2, 0, "", imported); return err },
		func() error {
			_, err := db.CreateToken(t.Context(), 1, 99, "", func(int64) token.Digest { return token.DigestOf("y") })
			return err
		},
		func() error {
			_, err := db.CreateToken(t.Context(), 2, 0, "", func(int64) token.Digest { return imported })
			return err
		},
	} {
		require.Error(t, failing())
	}

	account, err := db.CreateAccount(t.Context(), "third", reference.DefaultTimeZone)
	require.NoError(t, err)
	require.EqualValues(t, 3, account.ID)
	advertiser, err := db.CreateAdvertiser(t.Context(), 1, "third")
	require.NoError(t, err)
	require.EqualValues(t, 3, advertiser.ID)
	publisher, err := db.CreatePublisher(t.Context(), 1, "third")
	require.NoError(t, err)
	require.EqualValues(t, 3, publisher.ID)
	offer, err := db.CreateOffer(t.Context(), made.offer.Offer)
	require.NoError(t, err)
	require.EqualValues(t, 3, offer.ID)
	domain, err := db.CreateDomain(t.Context(), 2, "second.example.com")
	require.NoError(t, err)
	require.EqualValues(t, 2, domain.ID)
	token, err := db.ImportToken(t.Context(), 2, 0, "", token.DigestOf("second"))
	require.NoError(t, err)
	require.EqualValues(t, 2, token.ID)
}

func TestConcurrentCreatesOfTheSameUseUpOneID(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	openShop(t, db, "Acme")
	for _, create := range []func(name string) (int64, error){
		func(name string) (int64, error) {
			domain, err := db.CreateDomain(t.Context(), 1, name+".example.com")
			return domain.ID, err
		},
		func(name string) (int64, error) {
			token, err := db.ImportToken(t.Context(), 1, 0, "", token.DigestOf(name))
			return token.ID, err
		},
	} {
		var racing errgroup.Group
		for range 8 {
			racing.Go(func() error {
				if _, err := create("same"); err != nil && !errors.Is(err, reference.ErrConflict) {
					return err
				}
				return nil
			})
		}
		require.NoError(t, racing.Wait())
		id, err := create("next")
		require.NoError(t, err)
		require.EqualValues(t, 2, id)
	}
}

func TestNamesakesAreFoundWithinTheAccount(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	again, other := openShop(t, db, "ACME"), openShop(t, db, "Other")
	find := func(object reference.Object, id int64) []int64 {
		ids, err := db.Namesakes(t.Context(), object, id)
		require.NoError(t, err)
		return ids
	}
	require.Equal(t, []int64{again.account.ID}, find(reference.AccountObject, made.account.ID))
	require.Empty(t, find(reference.AccountObject, other.account.ID))
	for _, object := range []reference.Object{reference.AdvertiserObject, reference.PublisherObject, reference.OfferObject} {
		require.Empty(t, find(object, 1), "those of another account do not count")
	}
	_, err := db.CreateAdvertiser(t.Context(), made.account.ID, "acme Shoes")
	require.NoError(t, err)
	_, err = db.CreatePublisher(t.Context(), made.account.ID, "Acme Blog")
	require.NoError(t, err)
	_, err = db.CreateOffer(t.Context(), made.offer.Offer)
	require.NoError(t, err)
	for _, object := range []reference.Object{reference.AdvertiserObject, reference.PublisherObject, reference.OfferObject} {
		require.Equal(t, []int64{4}, find(object, 1), object)
	}
}
