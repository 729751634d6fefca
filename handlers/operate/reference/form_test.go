package reference

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
)

// TestAFormSaysWhatAnOfferShows: what is shown can be sent back as it is.
func TestAFormSaysWhatAnOfferShows(t *testing.T) {
	t.Parallel()
	form := OfferForm{
		Advertiser: 2, Name: "Sale", Destination: "https://shop.example/?c={transaction_id}", Payout: "2.50", Revenue: "80%", Currency: "usd", Window: "1d12h",
		Status: attribution.Paused, OwnAmounts: true, Ceiling: "40.00", ManyPerClick: true, UniqueOrders: true,
		BaseWords: []string{"trial", "order"}, IgnoredParams: []string{"goalid"}, AllowMissingTransactionID: true,
	}
	read, err := form.NewOffer(7)
	require.NoError(t, err)
	require.True(t, read.UniqueOrders && read.AllowMissingTransactionID)
	require.Equal(t, 36*time.Hour, read.Window)
	shown := StoredOffer{Offer: read.Offer}.shown("")
	form.Currency = "USD"
	for name, value := range fieldsOf(t, form) {
		if own, ok := fieldsOf(t, shown)[name]; ok && name != "unique_orders" { // which the store switches on
			require.JSONEq(t, string(value), string(own), name)
		}
	}
	require.EqualValues(t, 7, shown.AccountID)

	var edit OfferEditForm
	require.NoError(t, json.Unmarshal([]byte(`{"ceiling":"none","base_words":[],"payout":"3"}`), &edit))
	change, err := edit.Edit()
	require.NoError(t, err)
	require.Nil(t, *change.Ceiling)
	require.Empty(t, *change.BaseWords)
	require.Equal(t, "3.00", WriteTerms(*change.Payout))
	require.Nil(t, change.Revenue)
	_, err = OfferEditForm{AllowMissingTransactionID: true}.Edit()
	require.ErrorIs(t, err, ErrInvalid)
	_, err = PublisherForm{}.Change()
	require.ErrorIs(t, err, ErrInvalid)
}

func fieldsOf(t *testing.T, object any) (fields map[string]json.RawMessage) {
	t.Helper()
	text, err := json.Marshal(object)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &fields))
	return fields
}

func TestAVersionChangesWithWhatIsShownAndNotWithTheLink(t *testing.T) {
	t.Parallel()
	offer := Offer{ID: 1, Name: "a", TrackingLink: "x"}
	same, other := offer, offer
	same.TrackingLink, other.Name = "y", "b"
	require.Equal(t, VersionOf(offer), VersionOf(same))
	require.NotEqual(t, VersionOf(offer), VersionOf(other))
	require.NotEmpty(t, VersionOf(Publisher{}))
}

func TestAnInvalidErrorKeepsItsTextAndItsHint(t *testing.T) {
	t.Parallel()
	require.NoError(t, Invalid(nil))
	err := Invalid(failure.WithHint(ErrConflict, "do this"))
	require.ErrorIs(t, err, ErrInvalid)
	require.EqualError(t, err, ErrConflict.Error())
	require.Equal(t, "do this", failure.Hint(err))
}
