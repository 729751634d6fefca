package receiver

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// saying returns the qualifiers of the only hit.
func saying(d *doors) map[string]string {
	said := map[string]string{}
	h := d.only()
	for name, value := range h.Params {
		if h.Qualifier(name) != hit.NoQualifier {
			said[name] = value
		}
	}
	return said
}

func TestAQualifierIsSeenInATextWithinAText(t *testing.T) {
	t.Parallel()
	d := open(t)
	for pair, want := range map[string]string{
		`payload={"data":"{\"status\":\"rejected\"}"}`:                       "rejected",
		`payload={"data":"{\"x\":\"{\\\"status\\\":\\\"rejected\\\"}\"}"}`:   "rejected",
		`x={"data":"a=1&status=refunded"}`:                                   "refunded",
		`custom=a=1&status=rejected`:                                         "rejected",
		`custom=a=1&b={"status":"rejected"}`:                                 "rejected",
		`data=status=rejected&a=1`:                                           "rejected",
		`data=status=pending`:                                                "pending",
		`data=event=trial;a=1`:                                               "trial",
		`query=?status=rejected`:                                             "rejected",
		`custom=1;status=rejected`:                                           "rejected",
		`custom=a=1|b=2|status=rejected`:                                     "rejected",
		`custom=a=1&b=2;status=rejected`:                                     "rejected",
		`custom=url=https://shop.example/?a=1&status=rejected`:               "rejected",
		`custom=` + url.QueryEscape(url.QueryEscape(`a=1&status=rejected`)):  "rejected",
		`payload=` + url.QueryEscape(`{"a":1,"status":"rejected"}`):          "rejected",
		`payload={"status":"rejected"`:                                       "rejected",
		`data=amount=-5`:                                                     "-5",
		`x[0]=` + url.QueryEscape(url.QueryEscape(`{"b":{"s":"refunded"}}`)): "refunded",
	} {
		d.queue.forget()
		name, value, _ := strings.Cut(pair, "=")
		d.get(d.fill("/postback?secure=TOKEN&transaction_id=ID&") + name + "=" + url.QueryEscape(value)).accepted(t)
		require.Contains(t, values(saying(d)), want, pair)
	}
	for _, bare := range []string{"status%3Drejected", "a%3D1%26status%3Drejected", "status%253Drejected", "%7B%22status%22%3A%22rejected%22%7D", "%7B%22status%22%3A%22rejected%22%7D="} {
		d.queue.forget()
		d.get(d.fill("/postback?secure=TOKEN&transaction_id=ID&") + bare).accepted(t)
		require.Equal(t, "rejected", saying(d)["status"], bare)
	}
}

func values(of map[string]string) string { return strings.Join(slices.Collect(maps.Values(of)), "\n") }

func TestATextOfPairsThatDeniesNothingConverts(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, pair := range []string{
		"custom=a=1&status=approved", "custom=event=trial&goal=7", "custom=status=pending", "x=c3RhdHVz==", "hash=sha256=refunded1", "cookies=a=1; status=declined", "utm_content=a=1;status=refunded",
		"custom=utm_term=refunded", "landing=https://shop.example/?status=refunded", "landing=/?x=refund", `data={"landing_site":"/?x=refund","referrer":"https://x.example/?a=1&status=returned"}`,
		"comment=2+2=4, thank you", "size=10|20", "custom={status}", "custom=[status]", "custom=%7Bstatus%7D", "discount=50%25", "x=100%", "keyword=a=1&status=refunded", "custom=a=1&coupon=VOID",
		`payload={"data":"{\"status\":\"approved\"}"}`, `payload={"data":"[refunded goods]"}`,
	} {
		d.queue.forget()
		name, value, _ := strings.Cut(pair, "=")
		d.get(d.fill("/postback?secure=TOKEN&transaction_id=ID&") + name + "=" + url.QueryEscape(value)).accepted(t)
		for name, value := range saying(d) {
			require.Equal(t, "approved", value, "%s: %s", pair, name)
		}
	}
}

func TestAQualifierIsSeenInABodyWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	d := open(t)
	for body, want := range map[string]string{
		"a=1;status=rejected": "rejected", "status=rejected;a=1": "rejected;a=1", "a=1;event=trial": "trial", "status%3Drejected": "rejected",
		`{"amount":-5`: "-5", "- status: rejected": "rejected", `"status","rejected"`: `"rejected"`, `{"status":"rejected"}=`: "rejected",
		"<o><d>{&quot;status&quot;:&quot;rejected&quot;}</d></o>": "rejected", "<o><remark>refunded</remark></o>": "refunded", "<a><b>refunded</b></a>": "refunded", `<a x="chargeback"/>`: "chargeback", `<o remark="chargeback"/>`: "chargeback",
	} {
		for _, form := range []string{formType, "text/plain", "application/json", "", "application/octet-stream"} {
			d.queue.forget()
			r := d.send(http.MethodPost, d.fill("/postback?secure=TOKEN&transaction_id=ID"), body, "Content-Type", form)
			r.accepted(t)
			require.Contains(t, values(saying(d)), want, "%s as %s: %v", body, form, d.only().Params)
			if body[0] == '{' || body[0] == '-' || body[0] == '"' {
				require.Contains(t, r.header.Get("X-Note"), theBody, "%s as %s", body, form)
			}
		}
	}
	for _, body := range []string{"a=1;b=2", "flag", "a=1;status=approved", "%7Bx%7D=1", "x%3D1", "note=a,b;c", `{"amount":5`, "- status: approved", "<o><d>a=1</d></o>", "<a><b>pending</b></a>", "<a><product>refunded</product></a>", `<a x="5"/>`} {
		d.queue.forget()
		d.send(http.MethodPost, d.fill("/postback?secure=TOKEN&transaction_id=ID"), body, "Content-Type", formType).accepted(t)
		for name, value := range saying(d) {
			require.Equal(t, "approved", value, "%s: %s", body, name)
		}
	}
}

// TestTextsWithinTextsAreReadToABoundedDepth counts what is read: at most textDepth times
// the body, and never more than nestedBytes.
func TestTextsWithinTextsAreReadToABoundedDepth(t *testing.T) {
	t.Parallel()
	escaped := "status=rejected"
	for len(escaped) < 60<<10 {
		escaped = "a" + strings.Repeat("%25", len(escaped)/300) + "%3D" + url.QueryEscape(escaped)
	}
	for _, text := range []string{
		escaped, strings.Repeat("a=1;b=2|c=3,", 5<<10), strings.Repeat(`{"a":"`, 10<<10), strings.Repeat(`["a=1",`, 8<<10), strings.Repeat("a=", 30<<10),
		"a" + strings.Repeat("%25", 20<<10) + "3D1", strings.Repeat("%", 64<<10), strings.Repeat("a=1&", 15<<10), strings.Repeat(" x y=1;", 8<<10),
	} {
		in := emptyRequest()
		in.addTextWithin("x", text)
		require.LessOrEqual(t, in.nestedBytes, nestedBytes)
		require.LessOrEqual(t, in.nestedBytes, (textDepth+1)*len(text), "%.40s", text)
		require.Zero(t, in.textDepth)
	}
}

func BenchmarkATextThatIsNoForm(b *testing.B) {
	in := emptyRequest()
	b.ReportAllocs()
	for b.Loop() {
		in.addTextWithin("x", "Mozilla/5.0 (X11; Linux x86_64) 50% off")
	}
}
