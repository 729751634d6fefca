package receiver

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// badRequest is one row: a request, and its refusal. In target and
// body, TOKEN and ID are replaced by valid ones.
type badRequest struct {
	name    string
	target  string
	body    string // sent as POST when set
	form    string // its Content-Type; JSON by default
	refusal outcome.Reason
	says    string // part of the line
}

func (d *doors) try(row badRequest, header ...string) reply {
	fill := strings.NewReplacer("TOKEN", d.token, "ID", d.id().String())
	if row.body == "" {
		return d.get(fill.Replace(row.target), header...)
	}
	form := row.form
	if form == "" {
		form = "application/json"
	}
	return d.send("POST", fill.Replace(row.target), fill.Replace(row.body), append(header, "Content-Type", form)...)
}

const formType = "application/x-www-form-urlencoded"

func TestConversionsThatCannotBeRightAreRefusedAndRecorded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", redact.DefaultMaxValueBytes+1)
	rows := []badRequest{
		{name: "no transaction_id", target: "/?secure=TOKEN", refusal: outcome.MissingTransactionID},
		{name: "an empty one", target: "/?secure=TOKEN&transaction_id=", refusal: outcome.MissingTransactionID},
		{name: "a blank one", target: "/?secure=TOKEN&transaction_id=+%09+", refusal: outcome.MissingTransactionID},
		{name: "null in JSON", target: "/", body: `{"secure":"TOKEN","transaction_id":null}`, refusal: outcome.MissingTransactionID},
		{name: "in another letter case", target: "/?secure=TOKEN&Transaction_ID=ID", refusal: outcome.MissingTransactionID},
		{name: "REPLACE", target: "/?secure=TOKEN&transaction_id=REPLACE", refusal: outcome.PlaceholderTransaction},
		{name: "a macro", target: "/?secure=TOKEN&transaction_id={clickid}", refusal: outcome.PlaceholderTransaction},
		{name: "an encoded macro", target: "/?secure=TOKEN&transaction_id=%7Bclickid%7D", refusal: outcome.PlaceholderTransaction},
		{name: "a twice encoded macro", target: "/?secure=TOKEN&transaction_id=%257Bclickid%257D", refusal: outcome.PlaceholderTransaction},
		{name: "the parameter's name", target: "/?secure=TOKEN&transaction_id=transaction_id", refusal: outcome.PlaceholderTransaction},
		{name: "a short id", target: "/?secure=TOKEN&transaction_id=abc123", refusal: outcome.MalformedTransactionID},
		{name: "the token as id", target: "/?secure=TOKEN&transaction_id=TOKEN", refusal: outcome.MalformedTransactionID},
		{name: "a forged id", target: "/?secure=TOKEN&transaction_id=0123456789abcdef0123456789abcdef", refusal: outcome.UnverifiedTransactionID},
		{name: "two ids", target: "/?secure=TOKEN&transaction_id=ID&transaction_id=0123456789abcdef0123456789abcdef", refusal: outcome.RepeatedParameter, says: "transaction_id was"},
		{name: "two ids, one in HTML", target: "/?secure=TOKEN&transaction_id=ID&amp;transaction_id=abc", refusal: outcome.RepeatedParameter, says: "transaction_id was"},
		{name: "two orders", target: "/?secure=TOKEN&transaction_id=ID&order_id=1&order_id=2", refusal: outcome.RepeatedParameter, says: "order_id was"},
		{name: "token twice", target: "/?secure=TOKEN&SECURE=other&transaction_id=ID", refusal: outcome.RepeatedParameter, says: "secure was"},
		{name: "other ids in query and form", target: "/?secure=TOKEN&transaction_id=ID", body: "transaction_id=abc", form: formType, refusal: outcome.RepeatedParameter},
		{name: "other ids in query and JSON", target: "/?secure=TOKEN&transaction_id=ID", body: `{"transaction_id":"abc"}`, refusal: outcome.RepeatedParameter},
		{name: "other tokens in query and JSON", target: "/?secure=TOKEN&transaction_id=ID", body: `{"secure":"abc"}`, refusal: outcome.RepeatedParameter},
		{name: "two orders in JSON", target: "/", body: `{"secure":"TOKEN","transaction_id":"ID","order_id":1,"order_id":2}`, refusal: outcome.RepeatedParameter},
		{name: "an id with broken encoding", target: "/?secure=TOKEN&transaction_id=ID%zz", refusal: outcome.MalformedRequest, says: "transaction_id"},
		{name: "an order with broken encoding", target: "/?secure=TOKEN&transaction_id=ID&order_id=50%", refusal: outcome.MalformedRequest, says: "order_id"},
		{name: "broken form", target: "/?secure=TOKEN", body: "transaction_id=%zz", form: formType, refusal: outcome.MalformedRequest, says: "transaction_id"},
		{name: "broken JSON", target: "/?secure=TOKEN", body: `{"transaction_id":`, refusal: outcome.MalformedRequest, says: "the body"},
		{name: "JSON list", target: "/?secure=TOKEN", body: `["ID"]`, refusal: outcome.MalformedRequest},
		{name: "JSON text", target: "/?secure=TOKEN", body: `"ID"`, refusal: outcome.MalformedRequest},
		{name: "two JSON objects", target: "/?secure=TOKEN", body: `{"transaction_id":"ID"}{}`, refusal: outcome.MalformedRequest},
		{name: "JSON with a tail", target: "/?secure=TOKEN", body: `{"transaction_id":"ID"} x`, refusal: outcome.MalformedRequest},
		{name: "JSON with a last comma", target: "/?secure=TOKEN", body: `{"transaction_id":"ID",}`, refusal: outcome.MalformedRequest},
		{name: "nested id", target: "/", body: `{"secure":"TOKEN","transaction_id":["ID"]}`, refusal: outcome.MalformedRequest, says: "plain text or number"},
		{name: "nested order", target: "/", body: `{"secure":"TOKEN","transaction_id":"ID","order_id":{"id":1}}`, refusal: outcome.MalformedRequest},
		{name: "XML", target: "/?secure=TOKEN", body: `<?xml version="1.0"?><a/>`, form: "text/xml", refusal: outcome.MalformedRequest, says: "the body"},
		{name: "words", target: "/?secure=TOKEN", body: "hello", form: "text/plain", refusal: outcome.MalformedRequest, says: "the body"},
		{name: "multipart without boundary", target: "/?secure=TOKEN", body: "x", form: "multipart/form-data", refusal: outcome.MalformedRequest},
		{name: "multipart cut off", target: "/?secure=TOKEN", body: "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", form: "multipart/form-data; boundary=x", refusal: outcome.MalformedRequest},
		{name: "an id in a file", target: "/?secure=TOKEN", body: "--x\r\nContent-Disposition: form-data; name=\"transaction_id\"; filename=\"f\"\r\n\r\nID\r\n--x--\r\n", form: "multipart/form-data; boundary=x", refusal: outcome.MissingTransactionID},
		{name: "NUL in the id", target: "/?secure=TOKEN&transaction_id=ID%00", refusal: outcome.InvalidText},
		{name: "Latin-1 in an order", target: "/?secure=TOKEN&transaction_id=ID&order_id=caf%E9", refusal: outcome.InvalidText, says: "order_id"},
		{name: "raw Latin-1 in an order", target: "/?secure=TOKEN&transaction_id=ID&order_id=caf\xe9", refusal: outcome.InvalidText},
		{name: "NUL in an order in JSON", target: "/?secure=TOKEN", body: `{"transaction_id":"ID","order_id":"\u0000"}`, refusal: outcome.InvalidText},
		{name: "Latin-1 in an order in JSON", target: "/?secure=TOKEN", body: "{\"transaction_id\":\"ID\",\"order_id\":\"\xe9\"}", refusal: outcome.InvalidText},
		{name: "half a character in an order in JSON", target: "/?secure=TOKEN", body: `{"transaction_id":"ID","order_id":"a\ud83d"}`, refusal: outcome.InvalidText},
		{name: "a long order", target: "/?secure=TOKEN&transaction_id=ID&order_id=" + long, refusal: outcome.ValueTooLong, says: "order_id"},
	}
	d := open(t)
	for _, row := range rows {
		for _, path := range []string{"/", "/postback", "/pixel"} {
			if row.body != "" && path == "/pixel" {
				continue
			}
			t.Run(path+" "+row.name, func(t *testing.T) {
				d.t = t
				d.queue.forget()
				row := row
				row.target = path + strings.TrimPrefix(row.target, "/")
				r := d.try(row, "Host", pixelHost)
				require.Equal(t, http.StatusBadRequest, r.status, r.body)
				r.oneLine(t)
				require.Contains(t, r.body, row.says)
				h := d.only()
				require.Equal(t, row.refusal, h.Refusal)
				require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
				require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
				require.NotContains(t, h.Params, "secure")
				require.LessOrEqual(t, len(h.Params), 200)
			})
		}
	}
}

func TestTheFirstValueOfARepeatedParameterIsRecorded(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.get("/?secure=" + d.token + "&order_id=first&order_id=second&transaction_id=" + d.id().String())
	require.Equal(t, "first", d.only().Params["order_id"])
}

func TestAnUnreadableValueIsRecordedAsItStands(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.get("/?secure=" + d.token + "&order_id=50%&user_agent=joe%40example.com%zz&transaction_id=" + d.id().String())
	h := d.only()
	require.Equal(t, "50%", h.Params["order_id"])
	require.NotContains(t, h.Params["user_agent"], "joe")
	require.Contains(t, h.Params["user_agent"], "%zz")
	require.Equal(t, outcome.MalformedRequest, h.Refusal)
}

func TestWithoutATokenARefusalIsCountedOnly(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, row := range []badRequest{
		{target: "/", refusal: outcome.MissingToken},
		{target: "/?transaction_id=ID", refusal: outcome.MissingToken},
		{target: "/?secure=&transaction_id=ID", refusal: outcome.MissingToken},
		{target: "/?secure=++&transaction_id=ID", refusal: outcome.MissingToken},
		{target: "/clickless?publisher=1", refusal: outcome.MissingToken},
		{target: "/pixel?transaction_id=ID", refusal: outcome.MissingToken},
		{target: "/", body: "hello", form: "text/plain", refusal: outcome.MalformedRequest},
		{target: "/?a=1&a=2", refusal: outcome.MissingToken},
	} {
		r := d.try(row, "Host", pixelHost)
		require.Equal(t, http.StatusBadRequest, r.status, row.target)
		require.Empty(t, r.header.Get("X-Receipt"))
		r.oneLine(t)
		observed := d.observed()
		require.Equal(t, row.refusal, observed[len(observed)-1].Refusal, row.target)
	}
	require.Empty(t, d.queue.taken())
}

func TestARefusalStandsWhenItCannotBeRecorded(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.queue.put = func(context.Context) error { return errQueue }
	r := d.get("/?secure=" + d.token)
	require.Equal(t, http.StatusBadRequest, r.status)
	require.Empty(t, r.header.Get("X-Receipt"))
}

func TestRequestsOverTheBoundsAreToldSo(t *testing.T) {
	t.Parallel()
	d := open(t)
	good := "secure=" + d.token + "&transaction_id=" + d.id().String()
	for name, c := range map[string]struct {
		status int
		r      reply
	}{
		"long URL":          {414, d.get("/?" + good + "&a=" + strings.Repeat("x", 8<<10))},
		"very long URL":     {414, d.get("/?" + good + "&a=" + strings.Repeat("x", 100<<10))},
		"long unknown path": {414, d.get("/" + strings.Repeat("x", 8<<10))},
		"large form":        {413, d.send("POST", "/", good+"&a="+strings.Repeat("x", 64<<10), "Content-Type", formType)},
		"large JSON":        {413, d.send("POST", "/", `{"a":"`+strings.Repeat("x", 64<<10)+`"}`, "Content-Type", "application/json")},
	} {
		require.Equal(t, c.status, c.r.status, name)
		c.r.oneLine(t)
	}
	require.Len(t, d.queue.taken(), 3, "the long URLs and the large form name a token, and were read as far")
	for _, h := range d.queue.taken() {
		require.Equal(t, outcome.TooLarge, h.Refusal)
	}

	chunked := "POST / HTTP/1.1\r\nHost: h.example\r\nContent-Type: " + formType + "\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"10002\r\na=" + strings.Repeat("x", 0x10002-2) + "\r\n0\r\n\r\n"
	require.Equal(t, 413, d.raw(chunked, 1)[0].status)

	edge := "a=" + strings.Repeat("x", redact.DefaultMaxValueBytes)
	d.send("POST", "/?"+good, edge, "Content-Type", formType).accepted(t)
}

func TestNothingOfARefusedRequestIsRepeatedToItsSender(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, target := range []string{
		"/?secure=PRIVATE", "/?secure=x&transaction_id=PRIVATE", "/?secure=x&PRIVATE=1&PRIVATE=2", "/?secure=x&PRIVATE=%00", "/?secure=x&a=PRIVATE%zz",
		"/clickless?secure=x&publisher=PRIVATE", "/click?offer=PRIVATE", "/click?offer=1&publisher=PRIVATE", "/PRIVATE",
		"/?secure=x&transaction_id=PRIVATE%zz", "/?secure=x&order_id=PRIVATE&order_id=2", "/clickless?secure=x&publisher=1&order_id=PRIVATE%00",
	} {
		r := d.get(target, "Accept", "application/json, PRIVATE")
		require.GreaterOrEqual(t, r.status, 400)
		require.NotContains(t, r.body, "PRIVATE", target)
		for name, values := range r.header {
			require.NotContains(t, name+strings.Join(values, " "), "PRIVATE")
		}
	}
	require.Empty(t, d.log.String())
}

func TestAReceiverThatLacksASecretLeavesUnverifiedIDsToTheHandler(t *testing.T) {
	t.Parallel()
	lacks := false
	d := open(t, func(o *Options) { o.LacksKey = func() bool { return lacks } })
	forged := "/?secure=" + d.token + "&transaction_id=0123456789abcdef0123456789abcdef"
	require.Equal(t, http.StatusBadRequest, d.get(forged).status)
	d.queue.forget()
	lacks = true
	receipt := d.get(forged).accepted(t)
	recorded := d.only()
	require.Equal(t, receipt, recorded.ID)
	require.Equal(t, outcome.UnverifiedTransactionID, recorded.Refusal, "so that the handler checks it again")
	require.Equal(t, "0123456789abcdef0123456789abcdef", recorded.Params[hit.ParamTransactionID])
	require.Equal(t, http.StatusBadRequest, d.get("/?secure="+d.token+"&transaction_id=abc").status, "no secret makes that good")
}
