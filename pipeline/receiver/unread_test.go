package receiver

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// A refused request with a token is recorded, with its receipt.
func TestWhateverNamesATokenAndIsRefusedIsRecorded(t *testing.T) {
	t.Parallel()
	const multipart = "multipart/form-data; boundary=b"
	large := strings.Repeat("x", 64<<10)
	for name, row := range map[string]struct {
		method, target, body, form string
		status                     int
		refusal                    outcome.Reason
	}{
		"XML":                               {"POST", "/", `<?xml version="1.0"?><postback><secure>TOKEN</secure><id>ID</id></postback>`, "text/xml", 400, outcome.MalformedRequest},
		"XML, attributes":                   {"POST", "/", `<postback id="ID" SECURE = "TOKEN"/>`, "text/xml", 400, outcome.MalformedRequest},
		"XML, named elements":               {"POST", "/", `<param name="secure" value="TOKEN"/>`, "text/xml", 400, outcome.MalformedRequest},
		"XML, character data":               {"POST", "/", "<a><insecure>x</insecure><secure>\n<![CDATA[TOKEN]]></secure></a>", "text/xml", 400, outcome.MalformedRequest},
		"XML, a token under another name":   {"POST", "/", `<a><token>TOKEN</token></a>`, "text/xml", 400, outcome.MalformedRequest},
		"several objects":                   {"POST", "/", `[{"secure":"TOKEN","transaction_id":"ID"},{"secure":"TOKEN","transaction_id":"ID"}]`, "application/json", 400, outcome.MalformedRequest},
		"one object too deep":               {"POST", "/", `{"postback":{"secure":"TOKEN","transaction_id":"ID"}}`, "application/json", 400, outcome.MalformedRequest},
		"objects, a line each":              {"POST", "/", "{\"secure\":\"TOKEN\",\"transaction_id\":\"ID\"}\n{}", "application/json", 400, outcome.MalformedRequest},
		"a list as the token":               {"POST", "/", `{"secure":["TOKEN"],"transaction_id":"ID"}`, "application/json", 400, outcome.MalformedRequest},
		"JSON with single quotes":           {"POST", "/", `{'secure': 'TOKEN', 'transaction_id': 'ID'}`, "application/json", 400, outcome.MalformedRequest},
		"JSON that was cut off":             {"POST", "/", `{"transaction_id":"ID","secure":"TOKEN"`, "application/json", 400, outcome.MalformedRequest},
		"a text":                            {"POST", "/", "secure: TOKEN\ntransaction_id: ID", "text/plain", 400, outcome.MalformedRequest},
		"a multipart form that was cut off": {"POST", "/", "--b\r\nContent-Disposition: form-data; name=\"secure\"\r\n\r\nTOKEN\r\n--b\r\nCon", multipart, 400, outcome.MalformedRequest},
		"a multipart form without headers":  {"POST", "/", "--b\r\n\r\nsecure=TOKEN\r\n--b--\r\n", multipart, 400, outcome.MalformedRequest},
		"a token with a broken escape":      {"GET", "/?secure=TOKEN%zz&transaction_id=ID", "", "", 400, outcome.MalformedRequest},
		"PUT":                               {"PUT", "/?secure=TOKEN&transaction_id=ID", "", "", 405, outcome.WrongMethod},
		"PATCH with JSON":                   {"PATCH", "/postback", `{"secure":"TOKEN"}`, "application/json", 405, outcome.WrongMethod},
		"DELETE":                            {"DELETE", "/clickless?secure=TOKEN&publisher=1", "", "", 405, outcome.WrongMethod},
		"POST of a pixel":                   {"POST", "/pixel?transaction_id=ID", "secure=TOKEN", formType, 405, outcome.WrongMethod},
		"a long URL":                        {"GET", "/?secure=TOKEN&transaction_id=ID&a=" + large[:9<<10], "", "", 414, outcome.TooLarge},
		"a long URL, the token behind it":   {"GET", "/clickless?a=" + large[:9<<10] + "&secure=TOKEN", "", "", 414, outcome.TooLarge},
		"a large body":                      {"POST", "/?secure=TOKEN", large, "text/plain", 413, outcome.TooLarge},
		"a large body, clickless":           {"POST", "/clickless?secure=TOKEN&transaction_id=ID", large, "", 413, outcome.TooLarge},
		"a large form":                      {"POST", "/", "secure=TOKEN&transaction_id=ID&x=" + large, formType, 413, outcome.TooLarge},
		"a large form, clickless":           {"POST", "/clickless", "publisher=2&a=" + large[:60<<10] + "&secure=TOKEN&b=" + large, formType, 413, outcome.TooLarge},
		"a large object":                    {"POST", "/postback", `{"secure":"TOKEN","transaction_id":"ID","items":"` + large + `"}`, "application/json", 413, outcome.TooLarge},
		"a large multipart form":            {"POST", "/", "--b\r\nContent-Disposition: form-data; name=\"secure\"\r\n\r\nTOKEN\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + large, multipart, 413, outcome.TooLarge},
		"large XML":                         {"POST", "/", "<p><secure>TOKEN</secure><items>" + large + large, "text/xml", 413, outcome.TooLarge},
		"a large form with PUT":             {"PUT", "/", "secure=TOKEN&x=" + large, formType, 405, outcome.WrongMethod},
		"a large form, a path that is none": {"POST", "/nope", "secure=TOKEN&x=" + large, formType, 404, outcome.UnknownPath},
		"a large body with PUT":             {"PUT", "/?secure=TOKEN", large, "", 405, outcome.WrongMethod},
		"no pixel domain":                   {"GET", "/pixel?secure=TOKEN&transaction_id=ID", "", "", 404, outcome.UnknownPixelDomain},
		"a path that is none":               {"GET", "/postbacks?secure=TOKEN&transaction_id=ID", "", "", 404, outcome.UnknownPath},
		"a path that is none, JSON":         {"POST", "/api/postback", `{"secure":"TOKEN"}`, "application/json", 404, outcome.UnknownPath},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			fill := strings.NewReplacer("TOKEN", d.token, "ID", d.id().String())
			r := d.send(row.method, fill.Replace(row.target), fill.Replace(row.body)+large[:len(row.body)/(64<<10)], "Content-Type", row.form)
			require.Equal(t, row.status, r.status, r.body)
			r.oneLine(t)
			h := d.only()
			require.Equal(t, row.refusal, h.Refusal)
			require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
			if !strings.Contains(row.target, "%zz") {
				require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
			}
			require.NotEmpty(t, h.Stands())
			carriesNoSecret(t, d, name, r.body)
		})
	}
}

func TestARefusalThatNamesNoTokenIsCountedOnlyWhateverItsStatus(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, row := range []struct{ method, target, body string }{
		{"GET", "/nope?transaction_id=1", ""}, {"PUT", "/?transaction_id=1", ""}, {"GET", "/?a=" + strings.Repeat("x", 9<<10), ""},
		{"GET", "/pixel?transaction_id=1", ""}, {"POST", "/", strings.Repeat("x", 65<<10)},
		{"POST", "/", "x=" + strings.Repeat("x", 65<<10) + "&secure=TOKEN"}, {"POST", "/", "<a>an insecure thing</a>"},
		{"POST", "/", "a secure thing, i8"}, {"POST", "/", "<secure></secure>"}, {"POST", "/", `{"a":{"secure":""}}`},
		{"OPTIONS", "/?secure=TOKEN", ""}, {"HEAD", "/nope?secure=TOKEN", ""}, {"TRACE", "/?secure=TOKEN", ""}, {"POST", "/click?offer=1&secure=TOKEN", ""},
	} {
		r := d.send(row.method, strings.Replace(row.target, "TOKEN", d.token, 1), strings.Replace(row.body, "TOKEN", d.token, 1))
		require.GreaterOrEqual(t, r.status, 400, row.target)
		require.Empty(t, r.header.Get("X-Receipt"), row.target)
	}
	require.Empty(t, d.queue.taken())
}

// The bounds on what is recorded are those of any other refusal.
func TestWhatNoDoorTakesIsRecordedWithinTheRateOnly(t *testing.T) {
	t.Parallel()
	d := open(t, bounded)
	for i := range 3 * quotaSeconds {
		method, target, body := "PUT", "/?secure=unknown", ""
		switch i % 4 {
		case 1:
			method, target = "GET", "/nope?secure=unknown"
		case 2:
			method, body = "POST", strings.Repeat("x", 65<<10)
		case 3:
			method, target, body = "POST", "/", "<secure>unknown</secure>"
		}
		r := d.send(method, target, body, "X-Forwarded-For", "203.0.113.1")
		require.GreaterOrEqual(t, r.status, 400)
		require.Equal(t, i < quotaSeconds, r.header.Get("X-Receipt") != "")
	}
	require.Len(t, d.queue.taken(), quotaSeconds)
	for _, h := range d.queue.taken() {
		data, err := h.Encode()
		require.NoError(t, err)
		require.LessOrEqual(t, len(data), hit.MaxShortBytes)
	}
}

// A body that is too large is not read, and undoes no query that is complete.
func TestABodyThatIsTooLargeNeverUndoesACompleteQuery(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, target := range []string{"/?transaction_id=ID&secure=", "/postback/?transaction_id=ID&secure=", "/clickless?publisher=2&secure="} {
		d.queue.forget()
		r := d.send("POST", strings.Replace(target, "ID", d.id().String(), 1)+d.token, `{"order_id":"`+strings.Repeat("x", 200<<10), "Content-Type", "application/json")
		r.accepted(t)
		require.Contains(t, r.header.Get("X-Note"), "the body: too large, left out")
		require.Contains(t, d.only().Notes, "the body: too large, left out")
		require.NotContains(t, d.only().Params, "order_id")
	}
	d.queue.forget()
	r := d.send("GET", "/click?offer=1&publisher=2", strings.Repeat("x", 200<<10))
	require.Equal(t, http.StatusFound, r.status)
	require.Empty(t, d.only().Notes)
}

// The beginning of a body that is too large decides nothing but under which token the
// refusal is recorded: what was not read may take it back.
func TestTheBeginningOfABodyThatIsTooLargeConvertsNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.send("POST", "/", d.fill("secure=TOKEN&transaction_id=ID&x=")+strings.Repeat("x", 65<<10)+"&status=rejected", "Content-Type", formType)
	require.Equal(t, http.StatusRequestEntityTooLarge, r.status)
	require.NotContains(t, d.only().Params, hit.ParamTransactionID)
}

// The rest of the body, behind the part that was read, is not read as a request.
func TestTheRestOfABodyThatIsTooLargeIsNoRequest(t *testing.T) {
	t.Parallel()
	d := open(t)
	inner := d.fill("GET /?secure=TOKEN&transaction_id=ID HTTP/1.1\r\nHost: h.example\r\n\r\n")
	for _, target := range []string{d.fill("/?secure=TOKEN&transaction_id=ID"), "/", "/nope"} {
		d.queue.forget()
		conn := d.dial()
		_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: h.example\r\nContent-Length: %d\r\n\r\n", target, 64<<10+1+len(inner))
		require.NoError(t, err)
		_, err = io.WriteString(conn, strings.Repeat("x", 64<<10+1)+inner)
		require.NoError(t, err)
		answers, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(answers), "HTTP/1.1 "), "%s", answers)
		require.LessOrEqual(t, len(d.queue.taken()), 1)
	}
}

func TestTheLargestBodyIsTaken(t *testing.T) {
	t.Parallel()
	d := open(t)
	form := d.fill("secure=TOKEN&transaction_id=ID&x=")
	d.send("POST", "/", form+strings.Repeat("x", 64<<10-len(form)), "Content-Type", formType).accepted(t)
	r := d.send("POST", "/", form+strings.Repeat("x", 64<<10-len(form)+1), "Content-Type", formType)
	require.Equal(t, http.StatusRequestEntityTooLarge, r.status)
}
