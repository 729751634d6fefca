package receiver

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

func TestAPostbackIsRecordedBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.id()
	r := d.get("/?secure="+d.token+"&transaction_id="+strings.ToUpper(id.UUID().String())+
		"&revenue=12.50&payout=+3&currency=usd&order_id=A-1&sub_id=s1&sub_id_6=s6&adv_sub_id_4=a4&extra=x%20y;z&empty=",
		"User-Agent", "advertiser/1.0", "Referer", "https://shop.example/thanks", "X-Forwarded-For", "198.51.100.7", "Host", "Track.Example:8080")
	receipt := r.accepted(t)
	require.Empty(t, r.header.Get("X-Note"))

	got := d.only()
	want := &hit.Hit{
		ID: receipt, Kind: hit.Postback, ReceivedAt: now.Truncate(1000), Method: "GET", Host: "track.example:8080", Path: "/",
		Params: map[string]string{
			"transaction_id": strings.ToUpper(id.UUID().String()), "revenue": "12.50", "payout": "3", "currency": "usd", "order_id": "A-1",
			"sub_id": "s1", "sub_id_6": "s6", "adv_sub_id_4": "a4", "extra": "x y;z", "empty": "",
		},
		TokenDigest: token.DigestOf(d.token), TransactionID: id,
		ClientIP: "198.51.100.7", UserAgent: "advertiser/1.0", Referer: "https://shop.example/thanks",
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestAPostbackMayComeAsFormMultipartOrJSON(t *testing.T) {
	t.Parallel()
	form := func(d *doors, id token.TransactionID) (string, string) {
		return "application/x-www-form-urlencoded; charset=UTF-8",
			url.Values{"secure": {d.token}, "transaction_id": {id.String()}, "revenue": {"1.5"}, "note": {"a&b=c"}}.Encode()
	}
	multipart := func(d *doors, id token.TransactionID) (string, string) {
		var body strings.Builder
		for _, field := range [][2]string{{"secure", d.token}, {"transaction_id", id.String()}, {"revenue", "1.5"}, {"note", "a&b=c"}} {
			body.WriteString("--xyz\r\nContent-Disposition: form-data; name=\"" + field[0] + "\"\r\n\r\n" + field[1] + "\r\n")
		}
		return `multipart/form-data; boundary=xyz`, body.String() + "--xyz--\r\n"
	}
	flat := func(d *doors, id token.TransactionID) (string, string) {
		return "application/json", `{"secure":"` + d.token + `","transaction_id":"` + id.String() + `","revenue":1.5,"note":"a&b=c"}`
	}
	problemJSON := func(d *doors, id token.TransactionID) (string, string) {
		_, body := flat(d, id)
		return "application/vnd.shop+json; charset=utf-8", "\xef\xbb\xbf" + body + "\n"
	}
	for name, make := range map[string]func(*doors, token.TransactionID) (string, string){
		"form": form, "multipart": multipart, "JSON": flat, "JSON with a byte order mark": problemJSON,
	} {
		for _, path := range []string{"/", "/postback"} {
			t.Run(name+path, func(t *testing.T) {
				d := open(t)
				id := d.id()
				contentType, body := make(d, id)
				d.send("POST", path, body, "Content-Type", contentType).accepted(t)
				h := d.only()
				require.Equal(t, "POST", h.Method)
				require.Equal(t, path, h.Path)
				require.Equal(t, id, h.TransactionID)
				require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
				require.Equal(t, map[string]string{"transaction_id": id.String(), "revenue": "1.5", "note": "a&b=c"}, h.Params)
			})
		}
	}
}

func TestTheQueryOfAPOSTIsJoinedWithItsBody(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.id()
	d.send("POST", "/?secure="+d.token, "transaction_id="+id.String(), "Content-Type", "application/x-www-form-urlencoded").accepted(t)
	require.Equal(t, id, d.only().TransactionID)
}

func TestAPOSTWithoutBodyNeedsNoContentType(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.send("POST", "/?secure="+d.token+"&transaction_id="+d.id().String(), "").accepted(t)
}

func TestJSONValuesKeepTheirText(t *testing.T) {
	t.Parallel()
	d := open(t)
	body := `{"secure":"` + d.token + `","transaction_id":"` + d.id().String() + `",
		"revenue": 1234567890.123456, "payout": null, "order_id": 90071992547409931234, "exponent": 1e3, "yes": true, "no": false,
		"list": [1, {"b": 2.50}], "object": {"a": [ ]}, "text": "\u00e4\n"}`
	d.send("POST", "/", body, "Content-Type", "application/json").accepted(t)
	params := d.only().Params
	delete(params, "transaction_id")
	require.Equal(t, map[string]string{
		"revenue": "1234567890.123456", "payout": "", "order_id": "90071992547409931234", "exponent": "1e3", "yes": "true", "no": "false",
		"list": `[1,{"b":2.50}]`, "object": `{"a":[]}`, "text": "ä\n",
	}, params)
}

func TestTheTokenMayBeNamedInAnyLetterCaseAndIsNeverKept(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"secure", "SECURE", "Secure", "%73ecure", "+secure+"} {
		d := open(t)
		d.get("/?" + name + "=+" + d.token + "+&transaction_id=" + d.id().String()).accepted(t)
		h := d.only()
		require.Equal(t, token.DigestOf(d.token), h.TokenDigest, name)
		require.Len(t, h.Params, 1)
	}
}

func TestAnUnknownTokenIsAcceptedForTheWorkerToDecide(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.get("/?secure=nobody-knows-me&transaction_id=" + d.id().String()).accepted(t)
	require.Equal(t, token.DigestOf("nobody-knows-me"), d.only().TokenDigest)
}

func TestAnswersInJSONForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	d := open(t)
	var accepted struct{ Receipt, Kind, Status, Note string }
	r := d.get("/?secure="+d.token+"&transaction_id="+d.id().String(), "Accept", "text/html;q=0.5, Application/JSON")
	require.Equal(t, "application/json; charset=utf-8", r.header.Get("Content-Type"))
	require.NoError(t, json.Unmarshal([]byte(r.body), &accepted))
	require.Equal(t, r.header.Get("X-Receipt"), accepted.Receipt)
	require.Equal(t, "postback", accepted.Kind)
	require.Equal(t, "accepted", accepted.Status)

	var refused struct{ Error, Reason, Receipt string }
	r = d.get("/?secure="+d.token+"&transaction_id={clickid}", "Accept", "application/json")
	require.Equal(t, http.StatusBadRequest, r.status)
	require.NoError(t, json.Unmarshal([]byte(r.body), &refused))
	require.Equal(t, "placeholder_transaction_id", refused.Reason)
	require.Equal(t, outcome.PlaceholderTransaction.SenderText(""), refused.Error)
	require.Equal(t, r.header.Get("X-Receipt"), refused.Receipt)
	require.NotEmpty(t, refused.Receipt)

	r = d.get("/nope", "Accept", "application/json")
	require.JSONEq(t, `{"error":"there is nothing here: send postbacks to the URL that you were given","reason":"unknown_path"}`, r.body)
}

func TestHEADAndPrefetchAreAnsweredAndNeverRecorded(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, path := range []string{"/", "/postback", "/pixel", "/clickless", "/click"} {
		target := path + "?offer=1&publisher=2&secure=" + d.token + "&transaction_id=" + d.id().String()
		for _, header := range [][2]string{
			{"Purpose", "prefetch"}, {"Sec-Purpose", "prefetch;prerender"}, {"Sec-Purpose", "Prefetch;anonymous-client-ip"},
			{"X-Moz", "prefetch"}, {"X-Purpose", "preview"}, {"Purpose", "preview"},
		} {
			r := d.get(target, "Host", pixelHost, header[0], header[1])
			require.Equal(t, http.StatusNoContent, r.status, "%s %s", path, header)
			require.Empty(t, r.body)
			require.Empty(t, r.header.Get("Location"))
			require.Contains(t, r.header.Get("Vary"), header[0])
			r.plain(t)
		}
		r := d.send("HEAD", target, "", "Host", pixelHost)
		if path == "/click" {
			require.Equal(t, http.StatusFound, r.status)
		} else {
			require.Equal(t, http.StatusOK, r.status, path)
		}
		require.Empty(t, r.header.Get("X-Receipt"))
		r.plain(t)
	}
	require.Empty(t, d.queue.taken())
}
