package cli

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// TestAWordThatIsNotConsentNeverConverts sends what senders say of conversions
// that are none, in every form that a door reads, and finds each recorded.
func TestAWordThatIsNotConsentNeverConverts(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	status, event := outcome.UnsupportedStatus, outcome.UnsupportedEvent
	postback := func(more string) answer {
		return s.do(http.MethodGet, "", "/?"+query("secure", s.Global, "transaction_id", s.click())+"&"+more, "", "")
	}
	post := func(contentType, body string) answer {
		return s.do(http.MethodPost, "", "/postback?"+query("secure", s.Global, "transaction_id", s.click()), contentType, body)
	}
	for _, row := range []struct {
		reason outcome.Reason
		fire   func() answer
	}{
		{status, func() answer { return postback("status=rejected") }},
		{status, func() answer { return postback("transaction_type=refund") }},
		{event, func() answer { return postback("event_name=on_refund") }},
		{event, func() answer { return postback("event_id=7") }},
		{status, func() answer { return postback("third_party_rejected_reason=bot") }},
		{status, func() answer { return postback("new_rejected_reason=chargeback") }},

		{status, func() answer { return postback("STATUS=Declined") }},
		{status, func() answer { return postback("commission_status=declined") }},
		{status, func() answer { return postback("commissionStatus=pending") }},
		{status, func() answer { return postback("action_status=declined") }},
		{status, func() answer { return postback("financial_status=refunded") }},
		{status, func() answer { return postback("conv_status=rejected") }},
		{status, func() answer { return postback("txn_type=refund") }},
		{status, func() answer { return postback("approved=0") }},
		{status, func() answer { return postback("is_approved=False") }},
		{status, func() answer { return postback("approved=1&approved=no") }},
		{status, func() answer { return postback("order_paid=no") }},
		{status, func() answer { return postback("success=0") }},
		{status, func() answer { return postback("reject=1") }},
		{status, func() answer { return postback("void=1") }},
		{status, func() answer { return postback("conversion-status=pending&order_id=A") }},
		{status, func() answer { return postback("status=approved&status=rejected") }},
		{status, func() answer { return postback("status=rejected&status=approved") }},
		{status, func() answer { return postback("status=approved&Status=rejected") }},
		{status, func() answer { return postback("status[]=approved&status[]=void") }},
		{status, func() answer { return postback("%73tatus=rejected") }},
		{status, func() answer { return postback("status%00=rejected") }},
		{status, func() answer { return postback("refu%00nd=1") }},
		{status, func() answer { return post("application/json", `{"sta\u0000tus":"rejected"}`) }},
		{event, func() answer { return post("application/json", `{"event":{"na\u0000me":"refund"}}`) }},
		{status, func() answer { return postback("amp;status=rejected") }},
		{status, func() answer { return postback("status=%EF%BB%BFrejected") }},
		{status, func() answer { return postback("status=%zz") }},
		{status, func() answer { return postback("status=%FF") }},
		{status, func() answer { return postback("status={status}") }},
		{status, func() answer { return postback("status=%%STATUS%%") }},
		{event, func() answer { return postback("event={{event.name}}") }},
		{event, func() answer { return postback("goal_id=REPLACE") }},
		{status, func() answer { return postback("approved=%%DEAL_STATUS%%") }},
		{status, func() answer { return postback("refund=[REFUND]") }},
		{status, func() answer { return postback("status=null&status=rejected") }},
		{status, func() answer { return postback("status=0") }},
		{status, func() answer { return postback("status=unknown") }},
		{status, func() answer { return postback("refund=1&status=approved") }},
		{status, func() answer { return postback("refund=approved") }},
		{status, func() answer { return postback("is_chargeback=true") }},
		{event, func() answer { return postback("goal_id=12") }},
		{event, func() answer { return postback("goalName=signup") }},
		{event, func() answer { return postback("conversion[event]=trial") }},
		{status, func() answer { return postback("status=" + strings.Repeat("approved", 40)) }},
		{status, func() answer {
			return postback("status=rejected" + strings.Repeat("&a="+strings.Repeat("b", 40), 1) + "&filler=" + strings.Repeat("%01", 1000))
		}},
		{status, func() answer { return post("application/x-www-form-urlencoded", "status=rejected") }},
		{status, func() answer { return post("application/json", `{"status":"rejected"}`) }},
		{status, func() answer { return post("application/json", `{"Status":["rejected"]}`) }},
		{status, func() answer { return post("application/json", `{"conversion":{"status":"rejected"}}`) }},
		{status, func() answer { return post("application/json", `{"data":[{"order":{"status":"refunded"}}]}`) }},
		{event, func() answer { return post("application/json", `{"event":{"name":"refund"}}`) }},
		{event, func() answer { return post("application/json", `{"event":{"name":"purchase","id":"7"}}`) }},
		{event, func() answer { return post("application/json", `{"event":{"name":"refund","name":"purchase"}}`) }},
		{event, func() answer { return post("application/json", `{"event":{"time":"2026-01-01"}}`) }},
		{event, func() answer { return post("application/json", `{"event":[{"name":"purchase"},{"name":"refund"}]}`) }},
		{event, func() answer { return post("application/json", `{"event":{"label":"trial"}}`) }},
		{event, func() answer { return post("application/json", `{"event":{"name":{"en":"purchase"}}}`) }},
		{event, func() answer { return postback("event=" + url.QueryEscape(`{"name":"refund"}`)) }},
		{status, func() answer { return post("application/json", `{"event":{"name":"purchase","refund":true}}`) }},
		{status, func() answer {
			return post("application/json", `{"event":{"name":"purchase","order":{"status":"refunded"}}}`)
		}},
		{status, func() answer { return post("application/json", `{"status":{"id":1,"name":"rejected"}}`) }},
		{status, func() answer { return post("application/json", `{"status":{"code":"approved","value":"void"}}`) }},
		{status, func() answer { return post("application/json", `{"conversion":{"status":{"name":"rejected"}}}`) }},
		{status, func() answer { return post("application/json", `{"refund":{"amount":5}}`) }},
		{status, func() answer { return post("application/json", `{"refund":{"currency":"EUR"}}`) }},
		{status, func() answer { return post("application/json", `[{"status":"rejected"}]`) }},
		{status, func() answer { return post("text/plain", `{"status":"rejected"}`) }},
		{status, func() answer { return postback(strings.Repeat("a=1&", 250) + "status=rejected") }},
		{status, func() answer { return post("application/json", `{"refund":true}`) }},
		{status, func() answer {
			return post("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"sale_status\"\r\n\r\nvoid\r\n--x--\r\n")
		}},
		{status, func() answer { return s.pixel("secure", s.Global, "transaction_id", s.click(), "status", "rejected") }},
		{event, func() answer {
			return s.get("/clickless", "secure", s.OfferToken, "publisher", number(s.Publisher), "external_transaction_id", "C1", "event", "refund")
		}},
	} {
		got := row.fire()
		require.Equal(t, http.StatusOK, got.status, got.body)
		rejected := s.becomes(got.receipt, outcome.Rejected)
		var request string
		require.NoError(t, s.db.Get(&request, "SELECT request FROM hits WHERE id = $1", got.receipt))
		require.Equal(t, row.reason, rejected.Reason, request)
		require.Contains(t, operate.HintOf(rejected.Reason, []byte(request)), "=", "its hint names the parameter")
	}
	require.Zero(t, s.count("conversions"))
	for _, more := range []string{"status=approved", "status=APPROVED&status=APPROVED", "event=purchase", "event_id=1", "event_name=", "status=paid&refund=0",
		"goal=%EF%BB%BFlead", "action=fire", "items[0][status]=in_stock", "rejected_reason="} {
		s.becomes(postback(more).receipt, outcome.Converted)
	}
	// What programs write for no value counts as absent, and the answer says so.
	for _, more := range []string{"status=null", "status=undefined", "event=N/A", "event_name=None", "goal_id=(not%20set)", "refund=null", "status=approved&status=null"} {
		got := postback(more)
		s.becomes(got.receipt, outcome.Converted)
		require.Contains(t, got.header.Get("X-Note"), strings.Split(more, "=")[0]+": sent with a word for nothing such as null, counts as absent", more)
		require.Contains(t, s.notesOf(got.receipt), "counts as absent")
	}
	// An object says what its members say.
	for _, body := range []string{
		`{"event":{"name":"purchase"}}`, `{"event":{"name":"Purchase","value":12.5,"time":"2026-01-01","label":"Checkout"}}`, `{"event":["purchase"]}`,
		`{"event":[{"name":"purchase"}]}`, `{"event":{"value":"purchase"}}`, `{"event":{}}`, `{"event":[]}`, `{"event":{"name":"purchase","status":"approved"}}`,
		`{"status":{"name":"approved"}}`, `{"status":{"id":1,"name":"approved","label":"Approved"}}`, `{"status":["approved","APPROVED"]}`, `{"status":{"value":"ok"}}`,
		`{"conversion":{"status":{"name":"approved"}}}`, `{"conversion":{"event":{"name":"sale"}}}`, `{"refund":{"amount":0,"reason":""}}`, `{"goal":{"id":1}}`,
	} {
		s.becomes(post("application/json", body).receipt, outcome.Converted)
	}
	kept := post("application/json", `{"event":{"name":"purchase","value":12.5}}`)
	s.becomes(kept.receipt, outcome.Converted)
	require.Equal(t, "purchase", s.paramOf(kept.receipt, "event.name"))
	require.Equal(t, "12.5", s.paramOf(kept.receipt, "event.value"))
	s.becomes(postback("event="+url.QueryEscape(`{"name":"purchase"}`)).receipt, outcome.Converted)
	s.becomes(post("application/json", `{"status":null,"refund":false,"items":[{"status":"in stock"}]}`).receipt, outcome.Converted)
}

// TestARejectionAfterItsConversionIsSeenAsOne and not as one more duplicate.
func TestARejectionAfterItsConversionIsSeenAsOne(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	id := s.click()
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", id).receipt, outcome.Converted)
	rejection := s.becomes(s.get("/", "secure", s.Global, "transaction_id", id, "status", "rejected").receipt, outcome.Rejected)
	require.Equal(t, outcome.UnsupportedStatus, rejection.Reason)
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", id, "status", "approved").receipt, outcome.Duplicate)
	require.Equal(t, 1, s.count("conversions"))
}

// TestAWordOutlivesAnUnknownToken: the short form keeps it, so that a replay
// after the import of the token does not pay for a rejection.
func TestAWordOutlivesAnUnknownToken(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	const secure = "a token that is imported later"
	got := s.get("/", "secure", secure, "transaction_id", s.click(), "conversion_status", "rejected", "other", "dropped")
	require.Equal(t, outcome.UnknownToken, s.becomes(got.receipt, outcome.Rejected).Reason)
	_, err := s.store.ImportToken(t.Context(), s.ID, 0, "", token.DigestOf(secure))
	require.NoError(t, err)
	require.Eventually(t, func() bool { // a worker remembers for seconds that there was no such token
		code, _, stderr := s.command("dead", "replay", got.receipt)
		require.Zero(t, code, stderr)
		return s.count("hits WHERE id = $1 AND reason = 'unsupported_status'", got.receipt) == 1
	}, patience, 500*time.Millisecond)
	require.Zero(t, s.count("conversions"))
}

// TestAnOfferThatAcceptsAWordConvertsWhatIsReplayed covers the whole round of an
// operator: report, doctor, dead show, offer edit, replay.
func TestAnOfferThatAcceptsAWordConvertsWhatIsReplayed(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	trial := s.get("/", "secure", s.Global, "transaction_id", s.click(), "event_name", "Trial")
	s.becomes(trial.receipt, outcome.Rejected)
	goal := s.get("/", "secure", s.Global, "transaction_id", s.click(), "goal_id", "12", "status", "approved")
	s.becomes(goal.receipt, outcome.Rejected)

	show := func(args ...string) string {
		code, stdout, stderr := s.command(args...)
		require.LessOrEqual(t, code, exitFailed, stderr)
		return stdout
	}
	require.Contains(t, show("report", "--reasons"), "unsupported_event")
	require.Contains(t, show("doctor"), "2 × postback with unsupported_event")
	require.Contains(t, show("dead", "show", trial.receipt), `event_name="Trial"`)
	require.Contains(t, show("trace", goal.receipt), `goal_id="12"`)

	edited := show("offer", "edit", number(s.Offer), "--base-words", "trial, Demo", "--ignore-params", "Goal-ID", "--json")
	var view reference.Offer
	require.NoError(t, json.Unmarshal([]byte(edited), &view))
	require.Equal(t, []string{"trial", "demo"}, view.BaseWords)
	require.Equal(t, []string{"goalid"}, view.IgnoredParams)
	require.Eventually(t, func() bool { // the worker hears of the edit within moments
		show("dead", "replay", "--reason", "unsupported_event")
		return s.count("conversions") == 2
	}, patience, 100*time.Millisecond)
	refund := s.get("/", "secure", s.Global, "transaction_id", s.click(), "event_name", "refund")
	require.Equal(t, outcome.UnsupportedEvent, s.becomes(refund.receipt, outcome.Rejected).Reason)

	code, _, stderr := s.command("offer", "edit", number(s.Offer), "--ignore-params", "sub_id")
	require.NotZero(t, code)
	require.Contains(t, stderr, "nothing to ignore")
}
