package cli

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
	"integr8/pipeline/outcome"
)

// TestADenialUnderAnyNameNeverConverts and an ordinary parameter does: both sides of
// the rule of pipeline/hit/vocabulary.go, through a door to the rows.
func TestADenialUnderAnyNameNeverConverts(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	postback := func(more string) string {
		return s.do(http.MethodGet, "", "/?"+query("secure", s.Global, "transaction_id", s.click())+"&"+more, "", "").receipt
	}
	post := func(body string) string {
		return s.do(http.MethodPost, "", "/postback?"+query("secure", s.Global, "transaction_id", s.click()), "application/json", body).receipt
	}
	type denial struct {
		sent, receipt string
		reason        outcome.Reason
	}
	var denied []denial
	for _, more := range []string{
		// Names near the family.
		"status_code=rejected", "conversion_state=unknown", "order_state=canceled", "chargebacks=1", "returned=true", "disputed=1", "is_fraud=1",
		"refunded_at=2026-01-01", "payment_state=failed", "amount_refunded=12.00", "isReturn=1", "order.pending=yes",
		// Other names with a refusal.
		"result=rejected", "decision=declined", "verdict=fraud", "outcome=failed", "reason=chargeback", "action_type=refund", "type=charge.refunded",
		"topic=orders%2Fcancelled", "mystery=Refunded", "mystery=not+approved", "x=ok&mystery=fine&mystery=voided", "mystery=reversed&mystery=fine",
		"data=" + url.QueryEscape(`{"status":"rejected"}`), "payload=" + url.QueryEscape(`{"order":{"refunds":["R1"]}}`),
		// Names of platforms, and of events.
		"afstatus=3", "cnv_status=trash", "blocked_reason=bots", "af_is_fraud=true", "blacklisted=1", "type=payment_intent.payment_failed",
		"alert_name=payment_refunded", "resource_name=cancellation", "name=REFUND", "x=refunded", "data%5Bobject%5D%5Brefunded%5D=true", "any.thing.refunded=1",
		"approval=no", "refunded_quantity=1", "verdict=bad", "deal.status=lost", "gross=-5", "amount=%22-5%22",
		// Negative amounts under fixed terms.
		"revenue=-10", "payout=-5", "amount=-1", "revenue=5&revenue=-5", "order_total=(12.50)", "sale_amount=%E2%88%9212%2C50", "revenue=EUR+-3", "payout=5-",
	} {
		denied = append(denied, denial{more, postback(more), outcome.UnsupportedStatus})
	}
	for _, body := range []string{
		`{"items":[{"status":"refunded"}]}`, `{"line_items":[{"sku":"A","price":5},{"sku":"B","state":"returned"}]}`,
		`{"a":{"b":{"c":{"d":{"e":{"status":"rejected"}}}}}}`, `{"data":{"conversion":{"order":{"payment":{"transaction":{"status":"odd"}}}}}}`,
		`{"params":[{"name":"status","value":"rejected"}]}`, `{"history":[[[[[["refunded"]]]]]]}`, `{"order":{"total":-10}}`, `{"data":"{\"status\":\"rejected\"}"}`,
		`{"type":"charge.updated","data":{"object":{"refunded":true,"amount_refunded":2000}}}`, `{"x":{"y":{"refunded":true}}}`, `{"data":{"object":{"status":"failed"}}}`,
		`{"order":{"items":[{"refunded":true}]}}`,
	} {
		denied = append(denied, denial{body, post(body), outcome.UnsupportedStatus})
	}
	for _, body := range []string{
		`{"events":[{"event":"refund"}]}`, `{"events":["refund"]}`, `{"data":{"events":[{"name":"purchase"},{"name":"trial"}]}}`,
		`{"goals":[7]}`, `{"payload":{"data":{"order":{"params":{"conversion":{"goal":{"name":"trial"}}}}}}}`,
	} {
		denied = append(denied, denial{body, post(body), outcome.UnsupportedEvent})
	}
	for _, more := range []string{"conv_type=trial", "afgoal=5", "adv_event_id=5", "activity_kind=rejected_install"} {
		denied = append(denied, denial{more, postback(more), outcome.UnsupportedEvent})
	}
	for _, one := range denied {
		decided := s.until(one.receipt, func(r row) bool { return r.Outcome != outcome.Waiting })
		var request string
		require.NoError(t, s.db.Get(&request, "SELECT request FROM hits WHERE id = $1", one.receipt))
		if assert.Equal(t, one.reason, decided.Reason, "%s: %s", one.sent, request) {
			require.Contains(t, operate.HintOf(decided.Reason, []byte(request)), "=", "its hint names the parameter")
		}
	}
	require.Zero(t, s.count("conversions"))

	var converted []denial
	for _, more := range []string{
		"utm_campaign=refund-offer", "product=Rejected+T-Shirt", "reason=", "coupon=VOID10", "state=CA", "country_state=NY", "result=1",
		"utm_content=refunded", "order_state=processing", "event_time=1764000000&event_value=12.50", "refund_policy=30+days", "http_status=200",
		"fraud_score=0.2", "is_fraud=0&chargebacks=0&returned=false&disputed=", "refund_status=not_refunded", "discount=-5", "trip_type=return",
		"shipping_status=pending", "cookies=rejected", "refund=0.000", "approved_at=2026-01-01", "revenue=-0.00", "s1=refunded", "afstatus=1&afgoal=1&afprice=5",
		"activity_kind=install&blocked_reason=&blacklisted=0", "approval=yes", "alert_name=payment_succeeded", "name=PURCHASE", "af_status=Non-organic", "data=" + url.QueryEscape(`{"status":"approved"}`),
	} {
		converted = append(converted, denial{sent: more, receipt: postback(more)})
	}
	for _, body := range []string{
		`{"items":[{"status":"shipped","name":"Void","price":-5}]}`, `{"events":[{"event":"purchase","time":1}]}`, `{"customer":{"state":"disabled","status":"vip"}}`,
		`{"event":{"name":"purchase","order":{"id":"A1","status":"paid"},"data":{"value":5}}}`, `{"refunds":[],"cancelled_at":null,"financial_status":"paid"}`,
		`{"type":"charge.succeeded","data":{"object":{"status":"succeeded","paid":true,"refunded":false,"amount_refunded":0,"refunds":{"object":"list","data":[],"total_count":0}}}}`,
		`{"product":{"refund":"30 days"},"points":{"pending":5}}`,
	} {
		converted = append(converted, denial{sent: body, receipt: post(body)})
	}
	for _, one := range converted {
		decided := s.until(one.receipt, func(r row) bool { return r.Outcome != outcome.Waiting })
		assert.Equal(t, outcome.Converted, decided.Outcome, "%s: %s", one.sent, decided.Reason)
	}
	nested := post(`{"items":[{"status":"refunded"}]}`)
	s.becomes(nested, outcome.Rejected)
	_, shown, _ := s.command("dead", "show", nested)
	require.Contains(t, shown, `items.status="refunded"`, "with the path of a nested one")
}

// TestAnOfferMayAcceptADenialOrIgnoreItsParameter as it may for the family.
func TestAnOfferMayAcceptADenialOrIgnoreItsParameter(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	var held []string
	for _, more := range []string{"mystery=Returned", "shop.state=refunded", "revenue=-10", "order_total=-5&type=cancel"} {
		held = append(held, s.do(http.MethodGet, "", "/?"+query("secure", s.Global, "transaction_id", s.click())+"&"+more, "", "").receipt)
	}
	for _, receipt := range held {
		require.Equal(t, outcome.UnsupportedStatus, s.becomes(receipt, outcome.Rejected).Reason)
	}
	code, _, stderr := s.command("offer", "edit", number(s.Offer), "--base-words", "returned,cancel", "--ignore-params", "Shop-State,revenue,order_total")
	require.Zero(t, code, stderr)
	require.Eventually(t, func() bool { // the worker hears of the edit within moments
		code, _, stderr := s.command("dead", "replay", "--reason", "unsupported_status")
		require.Zero(t, code, stderr)
		return s.count("conversions") == len(held)
	}, patience, patience/100)
}
