package store_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/sql/store"
)

// patience is how long a test waits for an event.
const patience = time.Minute

// shop is an account with one object of each kind.
type shop struct {
	account    reference.Account
	advertiser reference.Advertiser
	publisher  reference.Publisher
	offer      reference.StoredOffer
}

func openShop(t *testing.T, db *store.Store, name string) shop {
	t.Helper()
	var made shop
	var err error
	made.account, err = db.CreateAccount(t.Context(), name, reference.DefaultTimeZone)
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
