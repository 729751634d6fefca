package links_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
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
