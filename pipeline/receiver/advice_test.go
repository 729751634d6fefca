package receiver

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// A refusal says what was sent, as far as its form shows that, and what to do.
func TestARefusalSaysWhatWasSentAndWhatToDo(t *testing.T) {
	d := open(t)
	thirteen := ""
	for _, name := range strings.Fields("status event goal event_id goal_id event_name goal_name event_type goal_type approved paid valid confirmed") {
		thirteen += "&" + name + "=approved"
	}
	for query, want := range map[string]string{
		"transaction_id=" + d.token:                        "the secure token in transaction_id is no id of a click",
		"transaction_id=" + strings.ToUpper(d.token):       "the secure token in transaction_id is no id of a click",
		"transaction_id=x" + d.token[:20]:                  "the secure token in transaction_id is no id of a click",
		"transaction_id=" + url.QueryEscape(mail):          "the e-mail address in transaction_id is no id of a click",
		"transaction_id=joe@example":                       "the e-mail address in transaction_id is no id of a click",
		"transaction_id=joe%2540example.com":               "transaction_id is no id of a click",
		"transaction_id=" + url.QueryEscape(importedToken): "transaction_id is no id of a click: ", // nothing shows that it is a token
		"transaction_id=0123456789abcdef":                  "transaction_id is no id of a click: send back all 32 hexadecimal digits",
		"transaction_id=" + d.id().String() + thirteen:     "the request has more than 12 parameters that say which event",
	} {
		r := d.get("/?secure=" + d.token + "&" + query)
		require.Equal(t, 400, r.status, query)
		require.Contains(t, r.body, want, query)
		require.NotContains(t, r.body, "percent-encode", query)
	}
	r := d.get("/?secure="+d.token+"&transaction_id="+d.id().String(), "Cookie", strings.Repeat("a", maxHeaderBytes+d.receiver.options.MaxURLBytes))
	require.Equal(t, 431, r.status)
	require.Contains(t, r.body, "send fewer or shorter cookies")
	r = d.get("/?secure=" + d.token + "&x=" + strings.Repeat("a", d.receiver.options.MaxURLBytes))
	require.Equal(t, 414, r.status)
	require.Contains(t, r.body, "or send a postback by POST")
	r = d.send("POST", "/", "x="+strings.Repeat("a", d.receiver.options.MaxBodyBytes), "Content-Type", formType)
	require.Equal(t, 413, r.status)
	require.Contains(t, r.body, "the query alone is enough")
}

// What is recorded of a token or an address says the same when it is checked again.
func TestARecordedSecretIsNoPlaceholder(t *testing.T) {
	d := open(t)
	for _, id := range []string{d.token, importedToken, mail, "secure=abc", "joe%0a@example.com"} {
		d.queue.forget()
		d.get("/?secure=" + d.token + "&transaction_id=" + url.QueryEscape(id))
		h := d.only()
		require.Equal(t, outcome.MalformedTransactionID, h.Refusal, id)
		h.Recheck(d.keys)
		require.Equal(t, outcome.MalformedTransactionID, h.Refusal, "%s: %s", id, h.Params["transaction_id"])
	}
}

// What systems send where they have no amount counts as absent; 0 is an amount.
func TestAWordForNoAmountCountsAsAbsent(t *testing.T) {
	d := open(t)
	for _, door := range []string{"/clickless?secure=TOKEN&publisher=2&order_id=A-1", "/?secure=TOKEN&transaction_id=ID"} {
		for _, name := range []string{"payout", "revenue", "currency"} {
			for _, word := range []string{"null", "NULL", "undefined", "None", "N/A", "NaN", "-", "--", "(null)", "%E2%80%94"} {
				d.queue.forget()
				r := d.get(d.fill(door) + "&" + name + "=" + word)
				r.accepted(t)
				require.Equal(t, name+": sent with a word for nothing such as null, counts as absent", r.header.Get("X-Note"), word)
				require.NotContains(t, d.only().Params, name)
			}
		}
		d.queue.forget()
		d.get(d.fill(door) + "&payout=null&payout=5").accepted(t)
		require.Equal(t, "5", d.only().Params["payout"])
		for _, amount := range []string{"0", "0.00", "1", "false", "unknown", "x"} {
			d.queue.forget()
			d.get(d.fill(door) + "&payout=" + amount).accepted(t)
			require.Equal(t, amount, d.only().Params["payout"])
		}
	}
}

// An amount is stored with six decimals, and the sender is told where more were sent.
func TestARoundedAmountIsNoted(t *testing.T) {
	d := open(t)
	const note = "more than six decimals, where they count they are rounded to six: "
	for query, want := range map[string]string{
		"payout=1.2345678":                   note + "payout",
		"payout=1.2345671&revenue=0.0000001": note + "revenue, payout",
		"revenue=0.0000005":                  note + "revenue",
		"revenue=99999.12345650001":          note + "revenue",
		"revenue=%2B1.9999999":               note + "revenue",
		"payout=1.234567":                    "",
		"payout=1.2345670000":                "",
		"payout=123456789012.5":              "",
	} {
		r := d.get(d.fill("/clickless?secure=TOKEN&publisher=2&order_id=A-1&") + query)
		r.accepted(t)
		require.Equal(t, want, r.header.Get("X-Note"), query)
	}
}

func TestACutValueIsNotedOnce(t *testing.T) {
	d := open(t)
	long := strings.Repeat("x", hit.MaxBytes/4)
	for _, name := range []string{"sub_id", "adv_sub_id", "device_id", "utm_source", "user_agent"} {
		d.queue.forget()
		d.get(d.fill("/clickless?secure=TOKEN&publisher=2&order_id=A-1&") + name + "=" + long).accepted(t)
		h := d.only()
		require.Equal(t, 1, strings.Count(strings.Join(h.Notes, ";"), "cut"), "%s: %q", name, h.Notes)
	}
	d.queue.forget()
	d.get(d.fill("/?secure=TOKEN&transaction_id=ID&sub_id=") + strings.Repeat("a@b.cc+", 200)).accepted(t)
	require.Contains(t, d.only().Notes, "sub_id was cut", "redaction made it longer than a value may be")
}
