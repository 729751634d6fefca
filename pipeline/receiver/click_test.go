package receiver

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/link"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

func TestATrackingLinkSendsOnWithANewTransactionID(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.get("/click?offer=1&publisher=2&sub_id=a%20b%26c&sub_id_2=x/y&external_transaction_id=ext&device_id=dev&keep=me",
		"User-Agent", "Mozilla/5.0", "Referer", "https://page.example/a", "X-Forwarded-For", "198.51.100.7")
	require.Equal(t, http.StatusFound, r.status)
	require.Empty(t, r.body)
	r.plain(t)
	require.Equal(t, "no-referrer", r.header.Get("Referrer-Policy"))

	h := d.only()
	require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
	location := "https://shop.example/x%2Fy?clickid=" + h.TransactionID.String() + "&o=1&p=2&s=a+b%26c&x="
	require.Equal(t, location, r.header.Get("Location"))
	id, err := d.keys.Verify(h.TransactionID.String())
	require.NoError(t, err)
	require.Equal(t, now.Truncate(1e6), id.Time())
	want := &hit.Hit{
		ID: h.ID, Kind: hit.Click, ReceivedAt: now.Truncate(1000), Method: "GET", Host: h.Host, Path: "/click",
		Params: map[string]string{
			"offer": "1", "publisher": "2", "sub_id": "a b&c", "sub_id_2": "x/y", "external_transaction_id": "ext", "device_id": "dev", "keep": "me",
		},
		TransactionID: id, AccountID: 7, OfferID: 1, PublisherID: 2, Destination: location,
		ClientIP: "198.51.100.7", UserAgent: "Mozilla/5.0", Referer: "https://page.example/a",
	}
	require.Empty(t, cmp.Diff(want, h))
}

func TestTheDoorFillsEveryMacroThatIsItsOwn(t *testing.T) {
	t.Parallel()
	d := open(t)
	l := trackingLink{offerID: 1, publisherID: 2}
	for _, name := range link.KnownMacros(link.FromDoor) {
		require.NotEmpty(t, l.ofDoor(name, d.keys.Mint(now)), name)
	}
	require.NotContains(t, d.get("/click?offer=1&publisher=2&transaction_id=forged").header.Get("Location"), "forged")
}

func TestEveryClickGetsItsOwnTransactionID(t *testing.T) {
	t.Parallel()
	d := open(t)
	seen := map[string]bool{}
	for range 50 {
		location := d.get("/click?offer=1&publisher=2").header.Get("Location")
		require.False(t, seen[location])
		seen[location] = true
	}
}

func TestTrackingLinksThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, row := range []badRequest{
		{target: "/click", refusal: outcome.MissingOffer},
		{target: "/click?offer=&publisher=2", refusal: outcome.MissingOffer},
		{target: "/click?offer=abc&publisher=2", refusal: outcome.InvalidOffer},
		{target: "/click?offer=-1&publisher=2", refusal: outcome.InvalidOffer},
		{target: "/click?offer=1", refusal: outcome.MissingPublisher},
		{target: "/click?offer=1&publisher={publisher}", refusal: outcome.InvalidPublisher},
		{target: "/click?offer=1&publisher=2&publisher=3", refusal: outcome.RepeatedParameter},
		{target: "/click?offer=1&publisher=2&amp;publisher=3", refusal: outcome.RepeatedParameter},
		{target: "/click?offer=1&publisher=%zz", refusal: outcome.MalformedRequest},
		{target: "/click?offer=%00&publisher=2", refusal: outcome.InvalidText},
		{target: "/click?offer=1&publisher=2?publisher=3", refusal: outcome.RepeatedParameter},
		{target: "/click?offer=1&publisher=" + strings.Repeat("2", 3000), refusal: outcome.ValueTooLong},
		{target: "/click?publisher=2&secure=TOKEN", refusal: outcome.MissingOffer},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			r := d.send(method, strings.ReplaceAll(row.target, "TOKEN", d.token), "")
			require.Equal(t, http.StatusBadRequest, r.status, row.target)
			if method == "GET" {
				r.oneLine(t)
				observed := d.observed()
				require.Equal(t, row.refusal, observed[len(observed)-1].Refusal, row.target)
			}
		}
	}
	require.Empty(t, d.queue.taken(), "a visitor's click that is refused is counted only")
}

func TestAnUnknownOfferIsNotFound(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, method := range []string{"GET", "HEAD"} {
		require.Equal(t, http.StatusNotFound, d.send(method, "/click?offer=99&publisher=2", "").status)
	}
	require.Empty(t, d.queue.taken())
}

func TestAPausedOfferOrPublisherSendsNobodyOnAndTheClickIsRecorded(t *testing.T) {
	t.Parallel()
	for target, refusal := range map[string]outcome.Reason{
		"/click?offer=2&publisher=2": outcome.OfferPaused, "/click?offer=1&publisher=9": outcome.PublisherPaused,
	} {
		d := open(t)
		require.Equal(t, http.StatusNotFound, d.send("HEAD", target, "").status)
		r := d.get(target)
		require.Equal(t, http.StatusNotFound, r.status)
		require.Equal(t, "this offer is not available at the moment\n", r.body)
		require.Empty(t, r.header.Get("Location"))
		h := d.only()
		require.Equal(t, refusal, h.Refusal)
		require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
		require.Empty(t, h.Destination)
		require.False(t, h.TransactionID.IsZero())
		require.Equal(t, int64(7), h.AccountID)
	}
}

func TestAVisitorIsSentOnEvenWhenTheQueueFails(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.queue.put = func(context.Context) error { return errQueue }
	for range 3 {
		r := d.get("/click?offer=1&publisher=2")
		require.Equal(t, http.StatusFound, r.status)
		require.Contains(t, r.header.Get("Location"), "https://shop.example/?clickid=")
		require.Empty(t, r.header.Get("X-Receipt"))
	}
	for _, o := range d.observed() {
		require.Equal(t, Unrecorded, o.Result)
	}
	require.Contains(t, d.log.String(), "the queue did not accept a hit")

	r := d.get("/click?offer=2&publisher=2")
	require.Equal(t, http.StatusNotFound, r.status)
	require.Empty(t, r.header.Get("X-Receipt"))
}

func TestHEADOnATrackingLinkShowsWhereItLeadsWithoutAClick(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.send("HEAD", "/click?offer=1&publisher=2&sub_id=s", "")
	require.Equal(t, http.StatusFound, r.status)
	require.Equal(t, "https://shop.example/?clickid=&o=1&p=2&s=s&x=", r.header.Get("Location"))
	require.Empty(t, d.queue.taken())
}

func TestASecureTokenInATrackingLinkIsDroppedAndTheLeakRecorded(t *testing.T) {
	t.Parallel()
	d := open(t)
	for leak, secure := range map[string]string{
		"secure=" + d.token: d.token, "SECURE=anything": "anything", "sub_id=" + d.token: d.token, "sub_id=x" + d.token + "y": d.token,
		"sub_id_2=" + url.QueryEscape(importedToken):                       importedToken,
		"sub_id=" + url.QueryEscape("https://x.example/?secure="+d.token):  d.token,
		"sub_id=" + url.QueryEscape("https://x.example/?secure=abc"):       "abc",
		"sub_id=" + url.QueryEscape("https://x.example/?t="+importedToken): importedToken,
		"other=" + d.token: d.token, d.token + "=1": d.token, "secure[]=" + d.token: d.token,
	} {
		before := len(d.queue.taken())
		r := d.get("/click?offer=1&publisher=2&" + leak)
		require.Equal(t, http.StatusFound, r.status, leak)
		location := r.header.Get("Location")
		require.NotContains(t, location, d.token[4:])
		require.NotContains(t, location, "anything")
		require.NotContains(t, location, "token]")
		hits := d.queue.taken()
		require.Len(t, hits, before+1)
		h := hits[before]
		require.True(t, h.TokenLeaked, leak)
		require.Equal(t, token.DigestOf(secure), h.TokenDigest, leak)
		data, err := h.Encode()
		require.NoError(t, err)
		require.NotContains(t, string(data), d.token[4:])
		require.NotContains(t, string(data), "Legacy")
		require.Equal(t, secure == d.token || secure == importedToken, d.observed()[before].TokenLeaked, "only tokens that exist are counted")
	}
	d.get("/click?offer=1&publisher=2&sub_id=" + url.QueryEscape(mail) + "&secure=")
	hits := d.queue.taken()
	require.False(t, hits[len(hits)-1].TokenLeaked, "an address or an empty parameter is no leaked token")
}

// A stranger may try any text as a token: the response must not reveal whether it is one.
func TestTheAnswerToAClickDoesNotTellWhichTextIsAToken(t *testing.T) {
	t.Parallel()
	d := open(t)
	other := "Legacy-Token/43+x=="
	for _, query := range []string{"secure=TEXT", "sub_id=TEXT", "sub_id_2=TEXT", "sub_id=a+TEXT", "x=TEXT", "TEXT=1", "sub_id=%26secure%3DTEXT"} {
		ask := func(text string) (int, http.Header, string) {
			r := d.get("/click?offer=1&publisher=2&" + strings.ReplaceAll(query, "TEXT", url.QueryEscape(text)))
			header := r.header.Clone()
			location := strings.ReplaceAll(header.Get("Location"), url.QueryEscape(text), "TEXT")
			location = strings.ReplaceAll(location, url.PathEscape(text), "TEXT")
			header.Set("Location", regexp.MustCompile("[0-9a-f]{32}").ReplaceAllString(location, "ID"))
			header.Del("X-Receipt")
			header.Del("Date")
			return r.status, header, r.body
		}
		status, header, body := ask(importedToken)
		otherStatus, otherHeader, otherBody := ask(other)
		require.Equal(t, status, otherStatus)
		require.Equal(t, header, otherHeader, query)
		require.Equal(t, body, otherBody)
	}
}

// The advertiser receives the publisher's values unchanged; only the record is free of
// addresses.
func TestAnAddressInATrackingLinkIsForwardedAndNotRecorded(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.get("/click?offer=1&publisher=2&sub_id=" + url.QueryEscape(mail))
	require.Contains(t, r.header.Get("Location"), "s="+url.QueryEscape(mail))
	h := d.only()
	require.Contains(t, h.Destination, "s=[email sha256:"+mailHash+"]")
	require.Equal(t, "[email sha256:"+mailHash+"]", h.Params["sub_id"])
}

func TestAVisitorCannotChooseWhereTheLinkLeads(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, value := range []string{"//evil.example/", "@evil.example/", "\r\nLocation: https://evil.example", "..%2f..", "a{transaction_id}", "a?b#c&d=e"} {
		location := d.get("/click?offer=1&publisher=2&sub_id_2=" + url.QueryEscape(value) + "&sub_id=" + url.QueryEscape(value)).header.Get("Location")
		parsed, err := url.Parse(location)
		require.NoError(t, err, value)
		require.Equal(t, "shop.example", parsed.Host)
		require.Len(t, parsed.Query(), 5)
		require.Equal(t, strings.TrimSpace(value), parsed.Query().Get("s"))
	}
}
