package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

func TestAnAdminOfAllNamesTheAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	d.now(users.Admin, 0)
	status, text := d.post("/setup/advertisers", url.Values{"name": {"Shoes"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, `id="d-account">Name the account.`)
	status, _ = d.post("/setup/advertisers", url.Values{"name": {"Shoes"}, "account": {id(d.south.ID)}})
	require.Equal(t, http.StatusSeeOther, status)
	all, err := d.Advertisers.List(t.Context(), d.south.ID, "Shoes")
	require.NoError(t, err)
	require.Len(t, all, 1)

	status, text = d.post("/setup/accounts", url.Values{"name": {"west"}})
	require.Equal(t, http.StatusSeeOther, status, text)
	accounts, err := d.Accounts.List(t.Context(), "west")
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(accounts, func(a reference.Account) bool { return strings.Contains(text, "/setup/accounts/"+id(a.ID)) }))
}

// TestEveryFieldOfAnAccountIsInItsForm, and what is typed there is what the account has.
func TestEveryFieldOfAnAccountIsInItsForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	d.now(users.Admin, 0)
	fields, err := d.accounts().fields(nil, reference.Account{}, true)
	require.NoError(t, err)
	require.ElementsMatch(t, jsonNames(reference.AccountForm{}), namesOf(fields))
	require.ElementsMatch(t, jsonNames(reference.AccountEditForm{}), namesOf(fields))

	_, text := d.get("/setup/new/accounts")
	require.Regexp(t, `name="time_zone"[^>]* value="UTC"`, text)
	status, text := d.post("/setup/accounts", url.Values{"name": {"west"}, "time_zone": {"Moon"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Regexp(t, `id="d-time_zone">[^<]*no time zone; write one as Europe/Berlin`, text)
	require.Contains(t, text, `value="Moon"`, "what was typed stays")
	status, text = d.post("/setup/accounts", url.Values{"name": {"west"}, "time_zone": {"America/Lima"}})
	require.Equal(t, http.StatusSeeOther, status, text)

	page := "/setup/accounts/" + id(d.north.ID)
	_, text = d.get(page)
	status, text = d.post(page, url.Values{"name": {"north"}, "time_zone": {"Asia/Kolkata"}, "version": {stamp(t, text)}})
	require.Equal(t, http.StatusSeeOther, status, text)
	north, err := d.Accounts.Show(t.Context(), d.north.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"north", "Asia/Kolkata"}, []string{north.Name, north.TimeZone})
	_, text = d.get("/setup/accounts")
	for _, zone := range []string{">America/Lima<", ">Asia/Kolkata<", ">UTC<"} {
		require.Contains(t, text, zone)
	}
}
