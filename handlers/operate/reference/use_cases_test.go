package reference_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

func TestARefusedCreateUsesUpNoID(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	_, _, err := s.domains.Create(t.Context(), 1, "t.example.com")
	require.NoError(t, err)
	for name, try := range map[string]func() error{
		"account":    func() error { _, _, err := s.accounts.Create(t.Context(), " ", ""); return err },
		"advertiser": func() error { _, _, err := s.advertisers.Create(t.Context(), 1, "a\x00"); return err },
		"publisher":  func() error { _, _, err := s.publishers.Create(t.Context(), 99, "x"); return err },
		"host taken": func() error { _, _, err := s.domains.Create(t.Context(), 1, "T.example.com:443"); return err },
		"destination": func() error {
			return create(t, s, func(o *attribution.Offer) { o.Destination = "https://shop.example/" })
		},
		"places": func() error { return create(t, s, func(o *attribution.Offer) { o.Currency = "JPY" }) },
		"window": func() error { return create(t, s, func(o *attribution.Offer) { o.Window = time.Millisecond }) },
		"token": func() error {
			_, err := s.tokens.Import(t.Context(), reference.TokenImport{Account: 1, Secure: "password1234"})
			return err
		},
	} {
		require.Error(t, try(), name)
	}
	account, _, err := s.accounts.Create(t.Context(), "second", "")
	require.NoError(t, err)
	require.EqualValues(t, 2, account.ID)
	domain, _, err := s.domains.Create(t.Context(), 2, "second.example.com")
	require.NoError(t, err)
	require.EqualValues(t, 2, domain.ID)
	token, err := s.tokens.Import(t.Context(), reference.TokenImport{Account: 1, Secure: "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77"})
	require.NoError(t, err)
	require.EqualValues(t, 1, token.ID)
	offer, _, err := s.offers.Create(t.Context(), sale(nil))
	require.NoError(t, err)
	require.EqualValues(t, 2, offer.ID)
}

func create(t *testing.T, s shop, change func(*attribution.Offer)) error {
	t.Helper()
	_, _, err := s.offers.Create(t.Context(), sale(change))
	return err
}

func TestAnotherAccountsObjectsAreNotFound(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	_, _, err := s.accounts.Create(t.Context(), "Other", "")
	require.NoError(t, err)
	_, _, err = s.domains.Create(t.Context(), 1, "t.example.com")
	require.NoError(t, err)
	_, err = s.tokens.Import(t.Context(), reference.TokenImport{Account: 1, Secure: "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77"})
	require.NoError(t, err)
	for object, try := range map[reference.Object]func(account int64) error{
		reference.AdvertiserObject: func(account int64) error { _, err := s.advertisers.Show(t.Context(), account, 1); return err },
		reference.PublisherObject:  func(account int64) error { _, err := s.publishers.Show(t.Context(), account, 1); return err },
		reference.DomainObject:     func(account int64) error { _, err := s.domains.Show(t.Context(), account, 1); return err },
		reference.OfferObject:      func(account int64) error { _, err := s.offers.Show(t.Context(), account, 1); return err },
		reference.TokenObject: func(account int64) error {
			_, err := s.tokens.Edit(t.Context(), account, 1, time.Time{})
			return err
		},
	} {
		require.NoError(t, try(0), object)
		require.NoError(t, try(1), object)
		var missing *reference.NotFoundError
		require.ErrorAs(t, try(2), &missing, object)
		require.Equal(t, reference.NotFoundError{Object: object, ID: 1, Account: 2}, *missing)
	}
}

func TestWarningsTellWhatMayNotBeMeant(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	_, warnings, err := s.offers.Create(t.Context(), sale(func(o *attribution.Offer) {
		o.Destination += "&z={foo}"
		o.Revenue = attribution.Money{Amount: decimal.NewFromInt(2)}
	}))
	require.NoError(t, err)
	require.Equal(t, reference.Warnings{
		"{foo} will be left empty in the destination: there is no such macro",
		"offer 1 has the name \"Sale\" too: tell them apart by number, or rename one: `integr8 offer edit ID --name NAME`",
		"the offer's payout 2.50 is more than the revenue 2.00",
	}, warnings)
	_, warnings, err = s.domains.Create(t.Context(), 1, "T.example.com:8443")
	require.NoError(t, err)
	require.Equal(t, reference.Warnings{"the port 8443 is left out: pixels are taken at every port of T.example.com, and the tags of tokens have the port of INTEGR8_PUBLIC_URL"}, warnings)
}

func TestACheckSaysAgainWhatIsProbablyWrong(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	_, warnings, err := s.offers.Check(t.Context(), 1, 1)
	require.NoError(t, err)
	require.Empty(t, warnings)
	wrong := sale(func(o *attribution.Offer) {
		o.Destination, o.Consent.Words = "https://shop.example/?z={foo}", []string{"void"}
		o.Revenue = attribution.Money{Amount: decimal.NewFromInt(2)}
	})
	wrong.AllowMissingTransactionID = true
	created, _, err := s.offers.Create(t.Context(), wrong)
	require.NoError(t, err)
	offer, warnings, err := s.offers.Check(t.Context(), 0, created.ID)
	require.NoError(t, err)
	require.Equal(t, created.ID, offer.ID)
	require.Len(t, warnings, 4)
	require.Contains(t, warnings[0], "no click can convert: ")
	require.Equal(t, "nothing fills {foo} in its destination", warnings[1])
	require.Equal(t, "the offer's payout 2.50 is more than the revenue 2.00", warnings[2])
	require.Contains(t, warnings[3], `base word "void"`)
	_, _, err = s.offers.Check(t.Context(), 2, 1)
	require.ErrorIs(t, err, reference.ErrNotFound)
}

func TestANewCurrencySaysWhichAmountsItLeavesAsTheyAre(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	edit := func(change reference.OfferChange) reference.Warnings {
		_, warnings, err := s.offers.Edit(t.Context(), 0, 1, reference.OfferEdit{OfferChange: change})
		require.NoError(t, err)
		return warnings
	}
	require.Equal(t, reference.Warnings{"amounts are not converted from USD: the payout is now 2.50 EUR"}, edit(reference.OfferChange{Currency: new("EUR")}))
	require.Empty(t, edit(reference.OfferChange{Currency: new("EUR")}), "nothing changes")
	require.Empty(t, edit(reference.OfferChange{Currency: new("JPY"), Payout: &attribution.Money{Amount: decimal.NewFromInt(250)}}))
}

func TestABaseWordThatDeniesIsWarnedOf(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	const warning = `the base word "rejected" says in other places that a conversion does not stand: hits with it convert and pay from now on`
	_, warnings, err := s.offers.Create(t.Context(), sale(func(o *attribution.Offer) {
		o.Name, o.Consent.Words = "Other", []string{"deposit", "rejected"}
	}))
	require.NoError(t, err)
	require.Equal(t, reference.Warnings{warning}, warnings)
	edit := func(words ...string) reference.Warnings {
		_, warnings, err := s.offers.Edit(t.Context(), 0, 1, reference.OfferEdit{OfferChange: reference.OfferChange{BaseWords: &words}})
		require.NoError(t, err)
		return warnings
	}
	require.Equal(t, reference.Warnings{warning}, edit("rejected"))
	for _, word := range []string{"refunded", "chargeback", "pending", "not_approved", "order_cancelled"} {
		require.Len(t, edit(word), 1, word)
	}
	require.Empty(t, edit("deposit", "first_purchase", "approved", "1"))
}

func TestAHintOnPlacesNamesAShareOnlyWhereOneCanStand(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tooFine := decimal.RequireFromString("2.505")
	err := create(t, s, func(o *attribution.Offer) { o.Payout.Amount = tooFine })
	require.Equal(t, "name an amount such as 2.51, or a share such as 80%", failure.Hint(err))
	err = create(t, s, func(o *attribution.Offer) { o.Ceiling = &tooFine })
	require.Equal(t, "name an amount such as 2.51", failure.Hint(err))
}

func TestNoErrorOfAnImportRepeatsTheToken(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, secure := range []string{"Xk3!", "summer-sale-2024", "two\nlines-q8Zv3LrT1xW0pYbN5dKs", "{secure_token}"} {
		_, err := s.tokens.Import(t.Context(), reference.TokenImport{Account: 1, Offer: 1, Purpose: hit.Pixel, Secure: secure})
		require.Error(t, err)
		require.NotContains(t, err.Error()+failure.Hint(err), secure)
		require.Contains(t, failure.Hint(err), "integr8 token create --account 1 --offer 1 --for pixel")
	}
}

func TestListsTakeFilters(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := func(filter reference.OfferFilter) []int64 {
		offers, err := s.offers.List(t.Context(), filter)
		require.NoError(t, err)
		found := []int64{}
		for _, offer := range offers {
			found = append(found, offer.ID)
		}
		return found
	}
	require.Equal(t, []int64{1}, ids(reference.OfferFilter{}))
	require.Equal(t, []int64{1}, ids(reference.OfferFilter{Account: 1, Advertiser: 1, Name: "AL", Status: attribution.Active}))
	require.Empty(t, ids(reference.OfferFilter{Name: "nothing"}))
	require.Empty(t, ids(reference.OfferFilter{Status: attribution.Paused}))
	_, err := s.offers.List(t.Context(), reference.OfferFilter{Advertiser: 9})
	require.EqualError(t, err, "there is no advertiser 9")
	_, err = s.publishers.List(t.Context(), reference.PublisherFilter{Account: 9})
	require.ErrorIs(t, err, reference.ErrNotFound)
}

// TestJSONOfReferenceDataIsTheContract checks the form that scripts read.
func TestJSONOfReferenceDataIsTheContract(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	at := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	offer, err := s.offers.Show(t.Context(), 1, 1)
	require.NoError(t, err)
	offer.CreatedAt = at
	publisher, err := s.publishers.Show(t.Context(), 1, 1)
	require.NoError(t, err)
	publisher.CreatedAt = at
	token, err := s.tokens.Import(t.Context(), reference.TokenImport{Account: 1, Secure: "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77"})
	require.NoError(t, err)
	token.CreatedAt = at
	for want, value := range map[string]any{
		`{"id":1,"account_id":1,"advertiser":1,"name":"Sale","status":"active","destination":"https://shop.example/?c={transaction_id}",` +
			`"payout":"2.50","revenue":"80%","currency":"USD","window":"30d","own_amounts":false,"ceiling":null,"many_per_click":false,` +
			`"identity":[{"from":null,"many_per_click":false}],"unique_orders":false,"unique_orders_state":"","base_words":[],"ignored_params":[],` +
			`"overrides":[],"tracking_link":"link to 1","created_at":"2026-03-14T15:00:00Z"}`: offer,
		`{"id":1,"account_id":1,"name":"Blog","status":"active","created_at":"2026-03-14T15:00:00Z"}`:                                                   publisher,
		`{"id":1,"account_id":1,"offer":null,"scope":"global","purpose":null,"generation":null,"valid_until":null,"created_at":"2026-03-14T15:00:00Z"}`: token,
	} {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
	}
}
