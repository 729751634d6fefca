package receiver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

func TestAPathThatHasOnePlainReadingIsADoor(t *testing.T) {
	t.Parallel()
	d := open(t)
	for target, note := range map[string]string{
		"/Click?offer=1&publisher=2":          "the path: in capital letters",
		"/CLICK/?offer=1&publisher=2":         "the path: in capital letters",
		"/click&offer=1&publisher=2":          "the path: followed",
		"/click&amp;offer=1&amp;publisher=2":  "the path: followed",
		"/click;offer=1&publisher=2":          "the path: followed",
		"/click%3Foffer=1&publisher=2":        "the path: followed",
		"/click/&offer=1&publisher=2":         "the path: followed",
		"/click&offer=1?publisher=2":          "the path: followed",
		"/click.?offer=1&publisher=2":         "the path: followed",
		"/click%20?offer=1&publisher=2":       "the path: followed",
		"/click%E2%80%9D?offer=1&publisher=2": "the path: followed",
		"//Click&offer=1&publisher=2":         "the path: in capital letters, read as small ones; the path: followed",
	} {
		d.queue.forget()
		require.Equal(t, http.StatusFound, d.send("HEAD", target, "").status, target)
		r := d.get(target)
		require.Equal(t, http.StatusFound, r.status, target)
		h := d.only()
		require.Equal(t, hit.Click, h.Kind)
		require.EqualValues(t, []int64{1, 2}, []int64{h.OfferID, h.PublisherID}, target)
		require.Contains(t, r.header.Get("X-Note"), note, target)
		require.Contains(t, strings.Join(h.Notes, "; "), note, target)
	}

	// The other doors read their paths alike, and a token there is no part of the path.
	for _, target := range []string{"/Postback?secure=TOKEN&transaction_id=ID", "/postback&secure=TOKEN&transaction_id=ID", "/&secure=TOKEN&transaction_id=ID",
		"/PIXEL&transaction_id=ID?secure=TOKEN", "/Clickless;secure=TOKEN&publisher=2"} {
		d.queue.forget()
		r := d.get(strings.NewReplacer("TOKEN", d.token, "ID", d.id().String()).Replace(target), "Host", pixelHost)
		require.Equal(t, http.StatusOK, r.status, target)
		h := d.only()
		require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
		require.NotContains(t, h.Path, "=")
	}
}

func TestAPathThatMayBeAnotherIsNone(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, path := range []string{"/clicks", "/click.php", "/clic", "/click/x", "/click/x&offer=1", "/a&offer=1", "/-", "/.", "/%20", "/...", "/-&offer=1", "/pixel.gif", "/click-2"} {
		require.Equal(t, http.StatusNotFound, d.get(path+"?offer=1&publisher=2&secure="+d.token).status, path)
	}
}
