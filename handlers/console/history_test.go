package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

func TestTheHistoryShowsOldAndNewValuesOfTheAccountAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Viewer)
	for account, payout := range map[int64]string{d.north.ID: "3.10", d.south.ID: "3.20"} {
		edit, err := reference.OfferEditForm{Payout: &payout, BaseWords: &[]string{"trial", "order"}}.Edit()
		require.NoError(t, err)
		offers, err := d.Offers.List(t.Context(), reference.OfferFilter{Account: account})
		require.NoError(t, err)
		_, _, err = d.Offers.Edit(history.By(t.Context(), "bob@desk"), 0, offers[0].ID, edit)
		require.NoError(t, err)
	}
	status, text := d.get("/history?noun=offer&by=BOB&since=1h&account=" + id(d.south.ID))
	require.Equal(t, http.StatusOK, status, text)
	require.Regexp(t, `payout</th><td class="value"><del>2\.50</del></td><td class="value"><ins>3\.10</ins>`, text)
	require.Regexp(t, `base words</th><td class="value"><del>none</del></td><td class="value"><ins>trial, order</ins>`, text)
	require.NotContains(t, text, "3.20")
	require.Contains(t, text, `href="/setup/offers/`+id(d.north.Offer)+`?`)
	require.Contains(t, text, "1 change on this page")

	_, text = d.get("/history?noun=offer&by=nobody")
	require.Contains(t, text, "No change matches.")
	for path, want := range map[string]int{
		"/history?id=7": http.StatusBadRequest, "/history?noun=moon": http.StatusBadRequest, "/history?since=soon": http.StatusBadRequest, "/history?cursor=-": http.StatusBadRequest,
		"/history?noun=offer&id=" + id(d.south.Offer): http.StatusNotFound,
	} {
		status, _ = d.get(path)
		require.Equal(t, want, status, path)
	}
}

func TestTheHistoryPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Viewer)
	for range rowsAPage + 3 {
		_, _, err := d.Publishers.Create(t.Context(), d.north.ID, "blog")
		require.NoError(t, err)
	}
	_, text := d.get("/history?noun=publisher")
	require.Equal(t, rowsAPage, strings.Count(text, "<li class=\"card\""))
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(text)
	require.NotNil(t, next)
	_, text = d.get(strings.ReplaceAll(next[1], "&amp;", "&"))
	require.Equal(t, 4, strings.Count(text, "<li class=\"card\""), "with the one that the account began with")
	require.Contains(t, text, "there are no more")
}
