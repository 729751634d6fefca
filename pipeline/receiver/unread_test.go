package receiver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// Whatever names a token and is refused is recorded, with its receipt.
func TestWhateverNamesATokenAndIsRefusedIsRecorded(t *testing.T) {
	const multipart = "multipart/form-data; boundary=b"
	large := strings.Repeat("x", 64<<10)
	for name, row := range map[string]struct {
		method, target, body, form string
		status                     int
		refusal                    hit.Refusal
	}{
		"XML":                               {"POST", "/", `<?xml version="1.0"?><postback><secure>TOKEN</secure><id>ID</id></postback>`, "text/xml", 400, hit.MalformedRequest},
		"XML, attributes":                   {"POST", "/", `<postback id="ID" SECURE = "TOKEN"/>`, "text/xml", 400, hit.MalformedRequest},
		"XML, named elements":               {"POST", "/", `<param name="secure" value="TOKEN"/>`, "text/xml", 400, hit.MalformedRequest},
		"XML, character data":               {"POST", "/", "<a><insecure>x</insecure><secure>\n<![CDATA[TOKEN]]></secure></a>", "text/xml", 400, hit.MalformedRequest},
		"XML, a token under another name":   {"POST", "/", `<a><token>TOKEN</token></a>`, "text/xml", 400, hit.MalformedRequest},
		"several objects":                   {"POST", "/", `[{"secure":"TOKEN","transaction_id":"ID"},{"secure":"TOKEN","transaction_id":"ID"}]`, "application/json", 400, hit.MalformedRequest},
		"one object too deep":               {"POST", "/", `{"postback":{"secure":"TOKEN","transaction_id":"ID"}}`, "application/json", 400, hit.MalformedRequest},
		"objects, a line each":              {"POST", "/", "{\"secure\":\"TOKEN\",\"transaction_id\":\"ID\"}\n{}", "application/json", 400, hit.MalformedRequest},
		"a list as the token":               {"POST", "/", `{"secure":["TOKEN"],"transaction_id":"ID"}`, "application/json", 400, hit.MalformedRequest},
		"JSON with single quotes":           {"POST", "/", `{'secure': 'TOKEN', 'transaction_id': 'ID'}`, "application/json", 400, hit.MalformedRequest},
		"JSON that was cut off":             {"POST", "/", `{"transaction_id":"ID","secure":"TOKEN"`, "application/json", 400, hit.MalformedRequest},
		"a text":                            {"POST", "/", "secure: TOKEN\ntransaction_id: ID", "text/plain", 400, hit.MalformedRequest},
		"a multipart form that was cut off": {"POST", "/", "--b\r\nContent-Disposition: form-data; name=\"secure\"\r\n\r\nTOKEN\r\n--b\r\nCon", multipart, 400, hit.MalformedRequest},
		"a multipart form without headers":  {"POST", "/", "--b\r\n\r\nsecure=TOKEN\r\n--b--\r\n", multipart, 400, hit.MalformedRequest},
		"a token with a broken escape":      {"GET", "/?secure=TOKEN%zz&transaction_id=ID", "", "", 400, hit.MalformedRequest},
		"PUT":                               {"PUT", "/?secure=TOKEN&transaction_id=ID", "", "", 405, hit.WrongMethod},
		"PATCH with JSON":                   {"PATCH", "/postback", `{"secure":"TOKEN"}`, "application/json", 405, hit.WrongMethod},
		"DELETE":                            {"DELETE", "/clickless?secure=TOKEN&publisher=1", "", "", 405, hit.WrongMethod},
		"POST of a pixel":                   {"POST", "/pixel?transaction_id=ID", "secure=TOKEN", formType, 405, hit.WrongMethod},
		"a long URL":                        {"GET", "/?secure=TOKEN&transaction_id=ID&a=" + large[:9<<10], "", "", 414, hit.TooLarge},
		"a long URL, the token behind it":   {"GET", "/clickless?a=" + large[:9<<10] + "&secure=TOKEN", "", "", 414, hit.TooLarge},
		"a large body":                      {"POST", "/?secure=TOKEN", large, "text/plain", 413, hit.TooLarge},
		"a large body, clickless":           {"POST", "/clickless?secure=TOKEN&transaction_id=ID", large, "", 413, hit.TooLarge},
		"a large body with PUT":             {"PUT", "/?secure=TOKEN", large, "", 405, hit.WrongMethod},
		"no pixel domain":                   {"GET", "/pixel?secure=TOKEN&transaction_id=ID", "", "", 404, hit.UnknownPixelDomain},
		"a path that is none":               {"GET", "/postbacks?secure=TOKEN&transaction_id=ID", "", "", 404, hit.UnknownPath},
		"a path that is none, JSON":         {"POST", "/api/postback", `{"secure":"TOKEN"}`, "application/json", 404, hit.UnknownPath},
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
				require.Equal(t, hit.DigestOf(d.token), h.TokenDigest)
			}
			require.NotEmpty(t, h.Stands())
			carriesNoSecret(t, d, name, r.body)
		})
	}
}

func TestARefusalThatNamesNoTokenIsCountedOnlyWhateverItsStatus(t *testing.T) {
	d := open(t)
	for _, row := range []struct{ method, target, body string }{
		{"GET", "/nope?transaction_id=1", ""}, {"PUT", "/?transaction_id=1", ""}, {"GET", "/?a=" + strings.Repeat("x", 9<<10), ""},
		{"GET", "/pixel?transaction_id=1", ""}, {"POST", "/", strings.Repeat("x", 65<<10)}, {"POST", "/", "<a>an insecure thing</a>"},
		{"POST", "/", "a secure thing, i8"}, {"POST", "/", "<secure></secure>"}, {"POST", "/", `{"a":{"secure":""}}`},
		{"OPTIONS", "/?secure=TOKEN", ""}, {"HEAD", "/nope?secure=TOKEN", ""}, {"TRACE", "/?secure=TOKEN", ""}, {"POST", "/click?offer=1&secure=TOKEN", ""},
	} {
		r := d.send(row.method, strings.Replace(row.target, "TOKEN", d.token, 1), row.body)
		require.GreaterOrEqual(t, r.status, 400, row.target)
		require.Empty(t, r.header.Get("X-Receipt"), row.target)
	}
	require.Empty(t, d.queue.taken())
}

// The bounds on what is recorded are those of any other refusal.
func TestWhatNoDoorTakesIsRecordedWithinTheRateOnly(t *testing.T) {
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
