package store_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// shop is an account with one of everything.
type shop struct {
	account    store.Account
	advertiser store.Advertiser
	publisher  store.Publisher
	offer      store.Offer
}

func openShop(t *testing.T, db *store.Store, name string) shop {
	t.Helper()
	var made shop
	var err error
	made.account, err = db.CreateAccount(t.Context(), name)
	require.NoError(t, err)
	made.advertiser, err = db.CreateAdvertiser(t.Context(), made.account.ID, name+" shoes")
	require.NoError(t, err)
	made.publisher, err = db.CreatePublisher(t.Context(), made.account.ID, name+" blog")
	require.NoError(t, err)
	made.offer, err = db.CreateOffer(t.Context(), attribution.Offer{
		AccountID:    made.account.ID,
		AdvertiserID: made.advertiser.ID,
		Name:         name + " sale",
		Destination:  "https://shop.example/?clickid={transaction_id}",
		Currency:     "USD",
		Payout:       attribution.Money{Amount: decimal.RequireFromString("2.5")},
		Revenue:      attribution.Money{Amount: decimal.NewFromInt(80), Percent: true},
	})
	require.NoError(t, err)
	return made
}
