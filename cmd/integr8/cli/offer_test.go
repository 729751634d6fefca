package cli

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

func TestEveryFlagOfAnOfferReachesTheOffer(t *testing.T) {
	t.Parallel()
	amount := decimal.NewFromInt(3)
	share := terms{attribution.Money{Amount: amount, Percent: true}}
	create := offerCreateCommand{
		Account: 1, Advertiser: 2, Name: "Sale", Destination: "https://shop.example/", Payout: share, Revenue: share, Currency: "USD",
		Window: time.Hour, OwnAmounts: true, Ceiling: &ceiling{&amount}, ManyPerClick: true, UniqueOrders: true,
		BaseWords: baseWords{"trial"}, IgnoreParams: ignoredParams{"goalid"}, Status: attribution.Active, AllowMissingTransactionID: true,
	}
	everySet(t, create, "output")
	everySet(t, create.offer())
	everySet(t, create.offer().Offer, "ID", "Later", "KnownUntil", "Overrides")
	everySet(t, create.offer().Consent)

	edit := offerEditCommand{
		ID: 1, Advertiser: 2, Name: new("Sale"), Destination: new("https://shop.example/"), Payout: &share, Revenue: &share, Currency: "USD",
		Window: new(time.Hour), OwnAmounts: new(true), Ceiling: &ceiling{}, ManyPerClick: new(true), UniqueOrders: new(true),
		BaseWords: new(baseWords{}), IgnoreParams: new(ignoredParams{}), Status: attribution.Active,
		Publisher: 3, ClearOverride: true, AllowMissingTransactionID: true,
	}
	everySet(t, edit, "output", "ofAccount")
	everySet(t, edit.change())
}

// everySet fails when a field of a struct is zero, but for those that except names.
func everySet(t *testing.T, whole any, except ...string) {
	t.Helper()
	for field, value := range reflect.ValueOf(whole).Fields() {
		require.True(t, !value.IsZero() || slices.Contains(except, field.Name), "%T leaves %s out, or this test does", whole, field.Name)
	}
}
