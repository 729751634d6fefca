package receiver

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// carriesNoSecret fails when anything that leaves the doors contains a secret of
// the tests, in any letter case and in any of the encodings.
func carriesNoSecret(t testing.TB, d *doors, where string, texts ...string) {
	t.Helper()
	for _, h := range d.queue.taken() {
		data, err := h.Encode()
		require.NoError(t, err)
		texts = append(texts, string(data), h.Referer, h.UserAgent, h.Host, h.Destination)
		for name, value := range h.Params {
			texts = append(texts, name, value)
		}
	}
	texts = append(texts, d.log.String())
	for _, secret := range []string{d.token, importedToken, mail} {
		for _, form := range []string{secret, url.QueryEscape(secret), url.QueryEscape(url.QueryEscape(secret)), url.PathEscape(secret)} {
			for _, text := range texts {
				require.NotContains(t, strings.ToLower(text), strings.ToLower(form), where)
			}
		}
	}
}

func TestNoSecretLeavesTheDoorsWhereverItIsPut(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, secret := range []string{d.token, importedToken, mail, strings.ToUpper(mail)} {
		once := url.QueryEscape(secret)
		twice := url.QueryEscape(once)
		nested := url.QueryEscape("https://x.example/a?e=" + once + "&secure=" + once)
		quoted := strings.ReplaceAll(secret, "@", `\u0040`)
		for _, place := range []struct {
			name, query, body, contentType string
			header                         []string
		}{
			{name: "an unknown parameter", query: "x=" + once},
			{name: "encoded twice", query: "x=" + twice},
			{name: "a parameter of ours", query: "sub_id=" + once + "&order_id=" + once},
			{name: "inside a sentence", query: "x=" + url.QueryEscape("see ("+secret+"), please")},
			{name: "a nested URL", query: "x=" + nested},
			{name: "a name", query: once + "=1"},
			{name: "a name alone", query: once},
			{name: "the transaction_id", query: "transaction_id=" + once},
			{name: "user_email", query: "user_email=" + once},
			{name: "a variant of user_email", query: "e-mail=" + once + "&mail=" + once},
			{name: "an amount", query: "revenue=" + once},
			{name: "the publisher", query: "publisher=" + once},
			{name: "secure a second time", query: "secure=" + once},
			{name: "broken encoding", query: "x=" + once + "%zz"},
			{name: "with a NUL", query: "x=" + once + "%00"},
			{name: "the referer", header: []string{"Referer", "https://x.example/?secure=" + once + "&e=" + once}},
			{name: "the referer as it is", header: []string{"Referer", "https://x.example/?q=" + secret}},
			{name: "the user agent", header: []string{"User-Agent", "agent (" + secret + ")"}},
			{name: "other headers", header: []string{"X-Forwarded-For", secret, "Cookie", "t=" + once, "Authorization", "Bearer " + secret, "Accept", secret}},
			{name: "the forwarded host", header: []string{"X-Forwarded-Host", secret}},
			{name: "a form", body: "x=" + once + "&" + once + "=1", contentType: formType},
			{name: "JSON", body: `{"x":"` + quoted + `"}`, contentType: "application/json"},
			{name: "nested JSON", body: `{"x":{"secure":"` + quoted + `","list":["` + quoted + `"]}}`, contentType: "application/json"},
			{name: "a JSON name", body: `{"` + quoted + `":1}`, contentType: "application/json"},
			{name: "broken JSON", body: `{"x":"` + quoted + `"`, contentType: "application/json"},
			{name: "multipart", body: "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + secret + "\r\n--b--", contentType: "multipart/form-data; boundary=b"},
			{name: "multipart name", body: "--b\r\nContent-Disposition: form-data; name=\"" + secret + "\"\r\n\r\n1\r\n--b--", contentType: "multipart/form-data; boundary=b"},
			{name: "an unknown body", body: secret, contentType: "text/plain"},
		} {
			for _, door := range []string{"/?secure=TOKEN&transaction_id=ID", "/clickless?secure=TOKEN&publisher=2", "/click?offer=1&publisher=2", "/pixel?secure=TOKEN&transaction_id=ID"} {
				d.queue.forget()
				target := strings.NewReplacer("TOKEN", d.token, "ID", d.id().String()).Replace(door)
				if place.query != "" {
					target += "&" + place.query
				}
				method := "GET"
				header := append([]string{"Host", pixelHost}, place.header...)
				if place.body != "" {
					method = "POST"
					header = append(header, "Content-Type", place.contentType)
				}
				r := d.send(method, target, place.body, header...)
				where := place.name + " at " + door
				require.NotEqual(t, http.StatusInternalServerError, r.status, where)
				texts := []string{r.body}
				for name, values := range r.header {
					if name != "Location" { // an address is passed on to the advertiser
						texts = append(texts, strings.Join(values, " "))
					}
				}
				carriesNoSecret(t, d, where, texts...)
				// An imported token is passed on: see Receiver.destination.
				require.NotContains(t, r.header.Get("Location"), d.token, where)
			}
		}
	}
}

func TestAFailingQueueLogsNoSecret(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.queue.put = func(context.Context) error { return errQueue }
	d.get("/clickless?publisher=2&secure=" + d.token + "&user_email=" + url.QueryEscape(mail))
	require.NotEmpty(t, d.log.String())
	carriesNoSecret(t, d, "the log")
}

// For any request a door responds with one of its statuses, its hit can be decoded, and
// a secret in the request is in none of its outputs.
func FuzzDoors(f *testing.F) {
	f.Add("GET", uint8(0), "secure=T&transaction_id=", "", "", "https://x.example/?e=")
	f.Add("POST", uint8(1), "", "application/json", `{"a":"`, "agent ")
	f.Add("POST", uint8(3), "publisher=1", "application/x-www-form-urlencoded", "note=", "")
	f.Add("POST", uint8(3), "publisher=1", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n", "")
	f.Add("GET", uint8(2), "offer=1&publisher=2&sub_id=%", "", "", "%25")
	f.Add("HEAD", uint8(4), "", "", "", "")
	f.Add("GET", uint8(0), "event%00=sale", "application/json", `{"sta\u0000tus":{"na\u0000me":1}}`, "")
	paths := []string{"/", "/postback", "/click", "/clickless", "/pixel", "/nope"}
	f.Fuzz(func(t *testing.T, method string, path uint8, query, contentType, body, header string) {
		d := &doors{t: t, queue: &recorder{}, log: &lockedBuffer{}}
		d.receiver, d.keys = newForFuzz(t, d.queue)
		d.token = d.keys.Token(7, 0, 1)
		for _, secret := range []string{d.token, mail} {
			ctx := asked(method, paths[int(path)%len(paths)]+"?"+query+"&secure="+d.token+"&zz="+url.QueryEscape(secret), body+secret+body,
				"Host", pixelHost, "Content-Type", contentType, "Referer", header+secret, "User-Agent", header+secret, "X-Forwarded-For", header)
			d.receiver.Serve(ctx)
			switch status := ctx.Response.StatusCode(); status {
			case 200, 204, 302, 400, 404, 405, 414, 415:
			default:
				t.Fatalf("status %d", status)
			}
			require.NotContains(t, string(ctx.Response.Body()), secret)
			for _, h := range d.queue.taken() {
				data, err := h.Encode()
				require.NoError(t, err)
				require.LessOrEqual(t, len(data), hit.MaxBytes)
				_, err = hit.Decode(data)
				require.NoError(t, err)
				require.NotContains(t, strings.ToLower(string(data)), strings.ToLower(secret))
				require.NotContains(t, h.Destination, secret)
			}
		}
	})
}

// asked is a request without a network.
func asked(method, target, body string, header ...string) *fasthttp.RequestCtx {
	var request fasthttp.Request
	request.Header.SetMethod(method)
	request.Header.SetRequestURI(target)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	request.SetBodyString(body)
	ctx := &fasthttp.RequestCtx{}
	ctx.Init(&request, &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 1234}, silent{})
	return ctx
}

func newForFuzz(t testing.TB, queue Queue) (*Receiver, token.Keys) {
	return newIn(t, knownWorld{}, queue)
}

func newIn(t testing.TB, world Directory, queue Queue) (*Receiver, token.Keys) {
	keys, err := token.ParseKeys(testSecret)
	require.NoError(t, err)
	rc, err := New(Options{Queue: queue, Directory: world, Keys: keys})
	require.NoError(t, err)
	return rc, keys
}
