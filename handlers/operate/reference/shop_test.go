package reference_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// shop is the use cases on a database of its own, in which one account, one advertiser,
// one publisher and one offer have the number 1.
type shop struct {
	db          *store.Store
	accounts    reference.Accounts
	advertisers reference.Advertisers
	publishers  reference.Publishers
	domains     reference.Domains
	offers      reference.Offers
	tokens      reference.Tokens
}

type links struct{}

func (links) TrackingLink(offer int64) string { return fmt.Sprint("link to ", offer) }

func openShop(t *testing.T) shop {
	t.Helper()
	db := storetest.Open(t)
	s := shop{
		db:          db,
		accounts:    reference.Accounts{Store: db},
		advertisers: reference.Advertisers{Store: db},
		publishers:  reference.Publishers{Store: db},
		domains:     reference.Domains{Store: db},
		offers:      reference.Offers{Store: db, Links: links{}},
		tokens:      reference.Tokens{Store: db},
	}
	_, _, err := s.accounts.Create(t.Context(), "Acme", "")
	require.NoError(t, err)
	_, _, err = s.advertisers.Create(t.Context(), 1, "Shoes")
	require.NoError(t, err)
	_, _, err = s.publishers.Create(t.Context(), 1, "Blog")
	require.NoError(t, err)
	_, _, err = s.offers.Create(t.Context(), sale(nil))
	require.NoError(t, err)
	return s
}

// sale is a new offer of account 1.
func sale(change func(*attribution.Offer)) reference.NewOffer {
	offer := attribution.Offer{
		AccountID:    1,
		AdvertiserID: 1,
		Name:         "Sale",
		Destination:  "https://shop.example/?c={transaction_id}",
		Currency:     "USD",
		Payout:       attribution.Money{Amount: decimal.RequireFromString("2.5")},
		Revenue:      attribution.Money{Amount: decimal.NewFromInt(80), Percent: true},
	}
	if change != nil {
		change(&offer)
	}
	return reference.NewOffer{Offer: offer}
}
