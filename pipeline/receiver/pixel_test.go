package receiver

import (
	"bytes"
	"image/gif"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

func TestThePixelIsATransparentGIFAndTheHitItsAccounts(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.id()
	r := d.get("/pixel?secure="+d.token+"&transaction_id="+id.String()+"&revenue=5", "Host", pixelHost)
	require.Equal(t, http.StatusOK, r.status)
	require.Equal(t, "image/gif", r.header.Get("Content-Type"))
	r.plain(t)
	require.Len(t, r.body, 43)
	picture, err := gif.Decode(bytes.NewReader([]byte(r.body)))
	require.NoError(t, err)
	require.Equal(t, 1, picture.Bounds().Dx())
	require.Equal(t, 1, picture.Bounds().Dy())
	_, _, _, alpha := picture.At(0, 0).RGBA()
	require.Zero(t, alpha)

	h := d.only()
	require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
	require.Equal(t, hit.Pixel, h.Kind)
	require.Equal(t, int64(7), h.AccountID)
	require.Equal(t, id, h.TransactionID)
	require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
	require.Equal(t, pixelHost, h.Host)
}

func TestThePixelIsAGIFWhateverIsAskedFor(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.get("/pixel?secure="+d.token+"&transaction_id="+d.id().String(), "Host", pixelHost, "Accept", "application/json")
	require.Equal(t, "image/gif", r.header.Get("Content-Type"))
}

func TestThePixelExistsOnlyOnATrackingDomain(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"other.example", "brand.example", "x." + pixelHost, "", "127.0.0.1", "[::1]:80", pixelHost + ".evil.example"} {
		d := open(t)
		target := "/pixel?secure=" + d.token + "&transaction_id=" + d.id().String()
		require.Equal(t, http.StatusNotFound, d.send("HEAD", target, "", "Host", host).status)
		require.Equal(t, http.StatusNotFound, d.get(target, "Host", host, "Purpose", "prefetch").status)
		require.Empty(t, d.queue.taken())
		r := d.get(target, "Host", host)
		require.Equal(t, http.StatusNotFound, r.status, host)
		require.Equal(t, outcome.UnknownPixelDomain, d.only().Refusal)
		require.Equal(t, d.only().ID.String(), r.header.Get("X-Receipt"))
		require.Zero(t, d.only().AccountID)
	}
	for _, host := range []string{pixelHost, "TRACK.Brand.Example", pixelHost + ":8443", pixelHost + ".", pixelHost + ".:80"} {
		d := open(t)
		r := d.get("/pixel?secure="+d.token+"&transaction_id="+d.id().String(), "Host", host)
		require.Equal(t, http.StatusOK, r.status, host)
		require.Equal(t, int64(7), d.only().AccountID)
	}
}

func TestHEADOnThePixelHasTheHeadersOfTheGIF(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.send("HEAD", "/pixel", "", "Host", pixelHost)
	require.Equal(t, http.StatusOK, r.status)
	require.Equal(t, "image/gif", r.header.Get("Content-Type"))
	require.Equal(t, "43", r.header.Get("Content-Length"))
	require.Empty(t, r.body)
}
