package storetest

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// Account is an account with a publisher, an offer of 2.50 USD payout and 4
// USD revenue, a global token and an offer-level one.
type Account struct {
	ID, Offer, Publisher int64
	Global, OfferToken   string

	t     testing.TB
	store *store.Store
	keys  token.Keys
}

// NewAccount makes an account with a publisher, an offer and two tokens.
func NewAccount(t testing.TB, opened *store.Store, keys token.Keys, name string) *Account {
	t.Helper()
	a := NewBareAccount(t, opened, keys, name)
	a.Publisher = a.NewPublisher()
	a.Offer = a.NewOffer(func(*attribution.Offer) {})
	a.Global, a.OfferToken = a.NewToken(0), a.NewToken(a.Offer)
	return a
}

// NewBareAccount makes an account without a publisher, an offer or a token.
func NewBareAccount(t testing.TB, opened *store.Store, keys token.Keys, name string) *Account {
	t.Helper()
	created, err := opened.CreateAccount(context.Background(), name, "UTC")
	require.NoError(t, err)
	return &Account{ID: created.ID, t: t, store: opened, keys: keys}
}

// NewPublisher adds a publisher.
func (a *Account) NewPublisher() int64 {
	a.t.Helper()
	publisher, err := a.store.CreatePublisher(context.Background(), a.ID, "publisher")
	require.NoError(a.t, err)
	return publisher.ID
}

// NewOffer adds an offer like the first, changed by change.
func (a *Account) NewOffer(change func(*attribution.Offer)) int64 {
	a.t.Helper()
	advertiser, err := a.store.CreateAdvertiser(context.Background(), a.ID, "advertiser")
	require.NoError(a.t, err)
	offer := attribution.Offer{AccountID: a.ID, AdvertiserID: advertiser.ID, Name: "offer",
		Destination: "https://shop.example/buy?c={transaction_id}&s={sub_id}", Currency: "USD",
		Payout:  attribution.Money{Amount: decimal.RequireFromString("2.50")},
		Revenue: attribution.Money{Amount: decimal.RequireFromString("4")}}
	change(&offer)
	created, err := a.store.CreateOffer(context.Background(), offer)
	require.NoError(a.t, err)
	return created.ID
}

// NewUniqueOrdersOffer is NewOffer for an offer that pays an order_id once.
func (a *Account) NewUniqueOrdersOffer(change func(*attribution.Offer)) int64 {
	a.t.Helper()
	id := a.NewOffer(change)
	require.NoError(a.t, a.store.SetUniqueOrders(context.Background(), a.ID, id, true, nil))
	return id
}

// NewToken adds a token for an offer, or, with 0, a global one.
func (a *Account) NewToken(offer int64) string {
	a.t.Helper()
	return a.NewTokenFor("", offer)
}

// NewTokenFor is NewToken for one way in.
func (a *Account) NewTokenFor(purpose hit.Kind, offer int64) string {
	a.t.Helper()
	var secure string
	_, err := a.store.CreateToken(context.Background(), a.ID, offer, purpose, func(generation int64) token.Digest {
		secure = a.keys.TokenFor(string(purpose), a.ID, offer, generation)
		return token.DigestOf(secure)
	})
	require.NoError(a.t, err)
	return secure
}
