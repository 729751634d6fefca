package reference

import (
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

func TestAnOfferIsShownWithEveryField(t *testing.T) {
	money := attribution.Money{Amount: decimal.NewFromInt(3)}
	shown := StoredOffer{
		Offer: attribution.Offer{
			ID: 1, AccountID: 2, AdvertiserID: 3, Name: "Sale", Destination: "https://shop.example/", Status: attribution.Active, Currency: "USD",
			Payout: money, Revenue: money, OwnAmounts: true, Ceiling: &money.Amount, Window: time.Hour,
			Identity: attribution.Identity{ManyPerClick: true}, Consent: attribution.Consent{Words: []string{"trial"}, Ignored: []string{"goalid"}},
			Overrides: attribution.OverridesOf(map[int64]attribution.Override{4: {Payout: &money}}),
		},
		CreatedAt: time.UnixMilli(1), UniqueOrders: OrdersUnique,
	}.shown("https://track.example/click?offer=1")
	for field, value := range reflect.ValueOf(shown).Fields() {
		require.False(t, value.IsZero(), "shown forgets %s, or this test does", field.Name)
	}
}
