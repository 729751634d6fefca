package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const someClick = "0199c3f0a1b27c3d8e4f5a6b7c8d9e0f"

// doors stands for the tracker's doors: it records the requests to it.
type doors struct {
	*httptest.Server
	fired  []*url.URL
	status int
	body   string
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{status: http.StatusOK, body: "OK receipt-1"}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.fired = append(d.fired, r.URL)
		w.Header().Set("X-Receipt", "receipt-1")
		w.WriteHeader(d.status)
		_, _ = io.WriteString(w, d.body)
	}))
	t.Cleanup(d.Close)
	return d
}

func openShop(d *doors) *shop {
	return newShop(newTracker(d.URL, setup{account: 1, offer: 2, publisher: 3,
		global: token{Token: "i8t_global"}, offerOnly: token{Token: "i8t_offer"},
		pixel: token{Token: "i8t_pixel"}}, program{path: "/nonexistent"}))
}

func browse(shop http.Handler, request *http.Request) (*http.Response, string) {
	recorder := httptest.NewRecorder()
	shop.ServeHTTP(recorder, request)
	return recorder.Result(), recorder.Body.String()
}

func purchase(fields ...string) *http.Request {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	request := httptest.NewRequest(http.MethodPost, "/buy", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

func TestShopPageKnowsTheClickAndNoSecret(t *testing.T) {
	shop := openShop(openDoors(t))
	response, page := browse(shop, httptest.NewRequest(http.MethodGet, "/shop?clickid="+someClick, nil))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, page, someClick)
	require.Contains(t, page, "Buy</button>")
	require.NotContains(t, page, "i8t_")
	require.NotContains(t, page, "without a click")
	require.NotRegexp(t, `(src|href)="(https?:)?//[^1l]`, page, "the page needs nothing from elsewhere")

	_, page = browse(shop, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Contains(t, page, "without a click")
	require.Contains(t, page, "/click?offer=2&amp;publisher=3")
}

func TestBuyingFiresThePostbackOfTheChosenKind(t *testing.T) {
	for way, secure := range map[string]string{"global": "i8t_global", "offer": "i8t_offer"} {
		t.Run(way, func(t *testing.T) {
			d := openDoors(t)
			response, page := browse(openShop(d), purchase("clickid", someClick, "way", way, "order_id", "A 1&x"))
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Len(t, d.fired, 1)
			require.Equal(t, "/postback", d.fired[0].Path)
			require.Equal(t, url.Values{"secure": {secure}, "transaction_id": {someClick}, "order_id": {"A 1&x"}}, d.fired[0].Query())
			require.Contains(t, page, "200 OK receipt-1")
			require.Contains(t, page, "<code>receipt-1</code>")
			require.Contains(t, page, "Fire it again</button>")
			require.NotContains(t, page, secure)
		})
	}
}

func TestBuyingWithThePixelPutsItIntoThePageOnly(t *testing.T) {
	d := openDoors(t)
	response, page := browse(openShop(d), purchase("clickid", someClick, "way", "pixel", "order_id", ""))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Empty(t, d.fired, "the visitor's browser fires it, not the server")
	host := strings.Replace(d.URL, "127.0.0.1", "localhost", 1)
	require.Contains(t, page, `<img src="`+host+`/pixel?secure=i8t_pixel&amp;transaction_id=`+someClick+`"`)
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "img-src "+host+";")
}

func TestShopShowsARefusalAsItCame(t *testing.T) {
	d := openDoors(t)
	d.status, d.body = http.StatusBadRequest, "transaction_id <b>is</b> missing\n"
	_, page := browse(openShop(d), purchase("clickid", "", "way", "global"))
	require.Contains(t, page, "400 transaction_id &lt;b&gt;is&lt;/b&gt; missing")
	require.NotContains(t, d.fired[0].RawQuery, "transaction_id")
}

func TestShopSaysWhenTheTrackerCannotBeReached(t *testing.T) {
	d := openDoors(t)
	shop := openShop(d)
	d.Close()
	_, page := browse(shop, purchase("clickid", someClick, "way", "global"))
	require.Contains(t, page, "could not be reported")
	require.NotContains(t, page, "i8t_global")
}

func TestShopRefusesWhatItCannotDo(t *testing.T) {
	shop := openShop(openDoors(t))
	for name, test := range map[string]struct {
		request *http.Request
		status  int
	}{
		"no way":            {purchase("clickid", someClick), http.StatusBadRequest},
		"a way unknown":     {purchase("clickid", someClick, "way", "fax"), http.StatusBadRequest},
		"a story of no id":  {httptest.NewRequest(http.MethodGet, "/story?clickid=--help", nil), http.StatusBadRequest},
		"a form too large":  {purchase("clickid", strings.Repeat("x", 70<<10), "way", "global"), http.StatusBadRequest},
		"a page not there":  {httptest.NewRequest(http.MethodGet, "/basket", nil), http.StatusNotFound},
		"buying with a GET": {httptest.NewRequest(http.MethodGet, "/buy", nil), http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			response, _ := browse(shop, test.request)
			require.Equal(t, test.status, response.StatusCode)
		})
	}
}

func FuzzShopEscapesWhatVisitorsSend(f *testing.F) {
	f.Add(`"><script>alert(1)</script>`, "A 1")
	f.Add("{clickid}", "\x00\xff")
	f.Fuzz(func(t *testing.T, click, order string) {
		shop := newShop(newTracker("http://127.0.0.1:1", setup{global: token{Token: "i8t_global"}}, program{}))
		response, page := browse(shop, purchase("clickid", click, "order_id", order, "way", "pixel"))
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, 1, strings.Count(page, "<script"))
		require.Equal(t, 2, strings.Count(page, "<img")+strings.Count(page, "&lt;img"))
	})
}
