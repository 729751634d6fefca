package links_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// open returns the use cases on a database of its own with an account.
func open(t *testing.T) (links.Tokens, *storetest.Account) {
	t.Helper()
	keys, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	db := storetest.Open(t)
	return links.Tokens{Store: db, Keys: keys, Base: base(t, "https://track.example/in")}, storetest.NewBareAccount(t, db, keys, "north")
}

func base(t *testing.T, text string) links.Base {
	t.Helper()
	address, err := url.Parse(text)
	require.NoError(t, err)
	return links.Base{URL: address}
}

func TestATokenIsShownAgainAsItWasCreated(t *testing.T) {
	t.Parallel()
	tokens, account := open(t)
	created, warnings, err := tokens.Create(t.Context(), account.ID, 0, "")
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.True(t, strings.HasPrefix(created.URL, "https://track.example/in/postback?secure="+created.Token+"&transaction_id=REPLACE"), created.URL)

	shown, err := tokens.Show(t.Context(), 0, created.ID)
	require.NoError(t, err)
	require.Equal(t, created, shown.Token)
	require.False(t, shown.HasDomain)
	_, err = tokens.Show(t.Context(), account.ID+1, created.ID)
	require.ErrorIs(t, err, reference.ErrNotFound)

	tokens.Keys, err = token.ParseKeys("another service secret")
	require.NoError(t, err)
	_, err = tokens.Show(t.Context(), 0, created.ID)
	require.ErrorContains(t, err, "made with a service secret that INTEGR8_SECRET no longer lists")
}

func TestAPixelTokenWarnsWhereThereIsNoTrackingDomain(t *testing.T) {
	t.Parallel()
	tokens, account := open(t)
	_, warnings, err := tokens.Create(t.Context(), account.ID, 0, hit.Pixel)
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "has no tracking domain")
}

func TestNobodysTokenIsCurrentInAnotherAccount(t *testing.T) {
	t.Parallel()
	tokens, account := open(t)
	created, _, err := tokens.Create(t.Context(), account.ID, 0, "")
	require.NoError(t, err)
	current, err := tokens.Current(t.Context(), account.ID, 0)
	require.NoError(t, err)
	require.Equal(t, created.Token, current.Global.Token.Token)
	_, err = tokens.Current(t.Context(), account.ID+1, 0)
	require.ErrorIs(t, err, reference.ErrNotFound)
	_, err = tokens.Current(t.Context(), account.ID, 99)
	require.ErrorIs(t, err, reference.ErrNotFound)
}

// TestJSONOfATokensWaysIsTheContract checks the form that scripts read.
func TestJSONOfATokensWaysIsTheContract(t *testing.T) {
	t.Parallel()
	pixel := hit.Pixel
	current := links.Current{AccountID: 1, Offers: []links.Scope{{
		Token: reference.Token{
			ID: 2, AccountID: 1, Scope: reference.OfferScope, Purpose: &pixel, CreatedAt: time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC),
			Token: "SECRET", URL: "URL",
		},
		Pixels: []string{},
		Ways:   []links.Way{{Way: hit.Pixel, TokenID: 2, Purpose: &pixel, Token: "SECRET", Paste: []string{}, Note: "NOTE"}},
	}}, HasDomain: true}
	text, err := json.Marshal(current)
	require.NoError(t, err)
	require.Equal(t, `{"account_id":1,"global":null,"offers":[{"id":2,"account_id":1,"offer":null,"scope":"offer","purpose":"pixel","generation":null,`+
		`"valid_until":null,"created_at":"2026-03-14T15:00:00Z","token":"SECRET","url":"URL","pixels":[],`+
		`"ways":[{"way":"pixel","token_id":2,"purpose":"pixel","token":"SECRET","paste":[],"note":"NOTE"}]}]}`, string(text))
}

func TestAMaskedTokenIsNowhereInItsLinks(t *testing.T) {
	t.Parallel()
	tokens, account := open(t)
	account.Offer = account.NewOffer(func(*attribution.Offer) {})
	other := account.NewOffer(func(*attribution.Offer) {})
	secrets := []string{account.NewToken(0), account.NewToken(account.Offer), account.NewTokenFor(hit.Pixel, account.Offer)}
	account.NewToken(other)
	_, err := tokens.Store.(*store.Store).CreateDomain(t.Context(), account.ID, "north.example")
	require.NoError(t, err)

	masked, err := tokens.Masked(t.Context(), account.ID, account.Offer)
	require.NoError(t, err)
	text, err := json.Marshal(masked)
	require.NoError(t, err)
	for _, secret := range secrets {
		require.NotContains(t, string(text), secret)
	}
	require.Equal(t, "https://track.example/in/postback?secure=TOKEN&transaction_id=REPLACE", masked.Global.URL)
	require.True(t, hit.IsPlaceholder(links.Mask), "it is nobody's token")
	require.Len(t, masked.Offers, 1, "of the chosen offer alone")
	require.Len(t, masked.Offers[0].Pixels, 1)

	masked, err = tokens.Masked(t.Context(), account.ID, 0)
	require.NoError(t, err)
	require.NotNil(t, masked.Global)
	require.Empty(t, masked.Offers)
}

func TestATrackingLinkCarriesItsLabelsAndNoToken(t *testing.T) {
	t.Parallel()
	link := base(t, "https://track.example/in")
	require.Equal(t, "https://track.example/in/click?offer=3&publisher=REPLACE", link.TrackingLink(3))
	require.Equal(t, "https://track.example/in/click?offer=3&publisher=7&sub_id=a+%26+b&device_id=d",
		link.LabelledLink(3, 7, []links.Label{{Name: "sub_id", Value: "a & b"}, {Name: "sub_id_2"}, {Name: "device_id", Value: "d"}}))
	require.Equal(t, []string{"sub_id", "sub_id_2", "sub_id_3", "sub_id_4", "sub_id_5", "sub_id_6", "device_id", "external_transaction_id"}, links.LabelNames())

	require.NoError(t, links.CheckLabels([]links.Label{{Name: "sub_id", Value: "summer"}}))
	err := links.CheckLabels([]links.Label{{Name: "sub_id", Value: "summer"}, {Name: "sub_id_2", Value: "I8T_d40877a270c0"}})
	require.ErrorIs(t, err, reference.ErrInvalid)
	require.ErrorContains(t, err, "sub_id_2 has a secure token in it")
	require.NotContains(t, err.Error(), "d408")
}
