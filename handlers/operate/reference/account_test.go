package reference_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// TestAnAccountHasATimeZone: UTC until somebody chooses another one, and never a text that is
// none.
func TestAnAccountHasATimeZone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	account, err := s.accounts.Show(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, "UTC", account.TimeZone)
	second, _, err := s.accounts.Create(t.Context(), "Second", " Asia/Kolkata ")
	require.NoError(t, err)
	require.Equal(t, "Asia/Kolkata", second.TimeZone)
	edited, _, err := s.accounts.Edit(t.Context(), 1, reference.AccountChange{TimeZone: new("Europe/Berlin")})
	require.NoError(t, err)
	require.Equal(t, []string{"Acme", "Europe/Berlin"}, []string{edited.Name, edited.TimeZone})
	for _, none := range []string{" ", "Local", "Moon", "berlin"} {
		_, _, err = s.accounts.Create(t.Context(), "Third", none)
		require.ErrorIs(t, err, reference.ErrInvalid, none)
		_, _, err = s.accounts.Edit(t.Context(), 1, reference.AccountChange{Name: new(""), TimeZone: &none})
		require.ErrorIs(t, err, reference.ErrInvalid, none)
		faults := reference.FaultsOf(err)
		require.Len(t, faults, 2, "each field says what is wrong with it")
		require.Equal(t, []string{"name", "time_zone"}, []string{faults[0].Field, faults[1].Field})
		require.Contains(t, faults[1].Text, "write one as Europe/Berlin")
	}

	accounts, err := s.accounts.List(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, []reference.Account{edited, second}, accounts)
	entries, err := s.db.History(t.Context(), history.Filter{Noun: history.Account, ObjectID: "1"}, 0, 1)
	require.NoError(t, err)
	require.JSONEq(t, `{"time_zone": "UTC"}`, string(entries[0].Old))
	require.JSONEq(t, `{"time_zone": "Europe/Berlin"}`, string(entries[0].New))
}
