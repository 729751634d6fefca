package cli

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func compressed(t *testing.T, into func(io.Writer) io.WriteCloser, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := into(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// TestABodyThatIsNotReadIsLookedIntoForWordsThatAreNoConsent under a query that names
// all that is needed: none of these bodies refuses the request, and none pays.
func TestABodyThatIsNotReadIsLookedIntoForWordsThatAreNoConsent(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	long := strings.Repeat("x", 64<<10)
	asGzip := func(text string) string {
		return compressed(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, text)
	}
	asZlib := func(text string) string {
		return compressed(t, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, text)
	}
	asFlate := func(text string) string {
		return compressed(t, func(w io.Writer) io.WriteCloser {
			writer, err := flate.NewWriter(w, flate.BestSpeed)
			require.NoError(t, err)
			return writer
		}, text)
	}
	type sending struct {
		name, body, contentType, coding string
		wanted                          outcome.Reason
	}
	status, event, converts := outcome.UnsupportedStatus, outcome.UnsupportedEvent, outcome.NoReason
	const form, json, xml = "application/x-www-form-urlencoded", "application/json", "application/xml"
	rows := []sending{
		{"a large form", "status=rejected&x=" + long, form, "", status},
		{"a large form without a type", "a=1&refund=1&x=" + long, "", "", status},
		{"large JSON", `{"status":"rejected","x":"` + long + `"}`, json, "", status},
		{"large JSON, cut inside an event", `{"event":{"name":"refund","items":["` + long + `"]}}`, json, "", event},
		{"a large list", `[{"items":[{"status":"refunded"}]},"` + long + `"]`, json, "", status},
		{"large XML", `<order><status>rejected</status><x>` + long + `</x></order>`, xml, "", status},
		{"a negative amount in a large form", "revenue=-10&x=" + long, form, "", status},

		{"an element", `<?xml version="1.0"?><order><status>rejected</status></order>`, xml, "", status},
		{"an attribute", `<order id="1" status="void"/>`, "text/xml", "", status},
		{"an element within SOAP", `<s:Envelope xmlns:s="x"><s:Body><order><status>odd</status></order></s:Body></s:Envelope>`, "application/soap+xml", "", status},
		{"a parameter by its attributes", `<params><param name="event" value="trial"/></params>`, xml, "", event},
		{"a parameter by its attribute and text", `<params><param name="status">rejected</param></params>`, xml, "", status},
		{"an escaped word", `<o><status><![CDATA[rej]]>&#101;cted</status></o>`, xml, "", status},
		{"an entity", `<!DOCTYPE o [<!ENTITY s "rejected">]><o><status>&s;</status></o>`, xml, "", status},
		{"an element of a list", `<o><items><item><state>refunded</state></item></items></o>`, xml, "", status},
		{"XML as a form", `<o><status>rejected</status></o>`, form, "", status},

		{"a gzipped form", asGzip("status=rejected"), form, "gzip", status},
		{"gzipped JSON", asGzip(`{"event":"refund"}`), json, "gzip", event},
		{"gzipped XML without a coding", asGzip(`<o><status>void</status></o>`), "", "", status},
		{"a form in zlib's deflate", asZlib("refund=1"), form, "deflate", status},
		{"JSON in raw deflate", asFlate(`{"a":{"b":{"status":"rejected"}}}`), json, "deflate", status},
		{"gzip that is cut off", asGzip("status=rejected&x=" + long)[:60], form, "gzip", status},

		{"a word", "rejected", "text/plain", "", status},
		{"lines", "order: 5\nstatus: rejected\n", "text/yaml", "", status},
		{"an object that is no JSON", `{'status':'refunded'}`, json, "", status},
		{"objects one a line", "{\"a\":1}\n{\"status\":\"rejected\"}\n", "application/x-ndjson", "", status},
		{"JSON in UTF-16", "\xff\xfe{\x00\"\x00r\x00e\x00f\x00u\x00n\x00d\x00\"\x00:\x001\x00}\x00", json, "", status},
		{"two objects", `{"sub_id":"a"}{"type":"charge.refunded"}`, json, "", status},

		{"a large form that consents", "status=approved&x=" + long, form, "", converts},
		{"a large form without a word", "x=" + long, form, "", converts},
		{"XML that consents", `<order><status>approved</status><items><item><status>shipped</status></item></items></order>`, xml, "", converts},
		{"a gzipped form that consents", asGzip("status=approved&refund=0"), form, "gzip", converts},
		{"gzip within gzip within gzip", asGzip(asGzip(asGzip("status=rejected"))), form, "gzip", converts},
		{"a bomb", asGzip(strings.Repeat("a", 8<<20)), form, "gzip", converts},
		{"another compression", "\x28\xb5\x2f\xfd\x04\x00status=rejected", form, "zstd", converts},
		{"bytes", "\x00\x01\xffstatus\x00rejected", "application/octet-stream", "", converts},
		{"a page", "<html><body><a href='/refund'>Refund policy</a></body></html>", "text/html", "", converts},
		{"words", "thank you: no refunds", "text/plain", "", converts},
	}
	receipts := make([]string, len(rows))
	for i, one := range rows {
		got := s.post("/?secure="+s.Global+"&transaction_id="+s.click(), one.body, "Content-Type", one.contentType, "Content-Encoding", one.coding)
		if assert.Equal(t, 200, got.status, "%s: %s", one.name, got.body) {
			receipts[i] = got.receipt
			assert.Contains(t, got.header.Get("X-Note"), "the body", one.name)
		}
	}
	for i, one := range rows {
		if receipts[i] == "" {
			continue
		}
		decided := s.until(receipts[i], func(r row) bool { return r.Outcome != outcome.Waiting })
		assert.Equal(t, one.wanted, decided.Reason, one.name)
	}
}
