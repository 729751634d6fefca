package hit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestQualifiersAreKnownInEverySpelling(t *testing.T) {
	for name, want := range map[string]Qualifier{
		"event": EventQualifier, "event_id": EventQualifier, "event_name": EventQualifier, "Event-Name": EventQualifier, "eventName": EventQualifier,
		"EVENT_TYPE": EventQualifier, "goal": EventQualifier, "goal_id": EventQualifier, "goalId": EventQualifier, "event[name]": EventQualifier,
		"event_name[]": EventQualifier, "event[0]": EventQualifier, "amp;event_id": EventQualifier, "amp;amp;goal": EventQualifier,
		"conversion_type": EventQualifier, "conversion.event": EventQualifier, "data[event][name]": EventQualifier, " event ": EventQualifier,
		"\uFEFFevent_name": EventQualifier, "event\x00": EventQualifier, "order_event": EventQualifier, "data[conversion][goal]": EventQualifier,
		"status": StatusQualifier, "Status": StatusQualifier, "conversion_status": StatusQualifier, "sale-status": StatusQualifier,
		"order_status": StatusQualifier, "payment.status": StatusQualifier, "transaction_type": StatusQualifier, "transactionType": StatusQualifier,
		"conversion[0][status]": StatusQualifier, "event_status": StatusQualifier,
		"refund": ReversalQualifier, "is_refund": ReversalQualifier, "chargeback": ReversalQualifier, "reversal": ReversalQualifier,
		"order_refunded": ReversalQualifier, "third_party_rejected_reason": ReversalQualifier, "new_rejected_reason": ReversalQualifier,
		"rejectedReason": ReversalQualifier, "rejected": ReversalQualifier, strings.Repeat("very_", 40) + "Rejected-Reason": ReversalQualifier,
		"cancelled": ReversalQualifier, "void": ReversalQualifier, "reject": ReversalQualifier,
		"commission_status": StatusQualifier, "actionStatus": StatusQualifier, "financial[status]": StatusQualifier, "conv-status": StatusQualifier,
		"approved": ApprovalQualifier, "isApproved": ApprovalQualifier, "order_paid": ApprovalQualifier, "is_valid": ApprovalQualifier,

		"approved_at": NoQualifier, "paid_amount": NoQualifier, "success_url": NoQualifier, "commission": NoQualifier, "action_id": NoQualifier,
		"": NoQualifier, "transaction_id": NoQualifier, "secure": NoQualifier, "order_id": NoQualifier, "action": NoQualifier, "type": NoQualifier,
		"state": NoQualifier, "event_value": NoQualifier, "event_time": NoQualifier, "status_url": NoQualifier, "items[0][status]": NoQualifier,
		"customer_status": NoQualifier, "refund_policy": NoQualifier, "order_total": NoQualifier, "sale": NoQualifier, "lead_id": NoQualifier,
		"statue": NoQualifier, "prevent": NoQualifier, "goals_scored": NoQualifier, "http_status": NoQualifier, "return_url": NoQualifier,
		strings.Repeat("x", 300): NoQualifier,
	} {
		require.Equal(t, want, QualifierOf(name), "%q", name)
	}
}

// TestNoBoundDropsAQualifier sends a qualifier between everything that a hit is cut for.
func TestNoBoundDropsAQualifier(t *testing.T) {
	for _, name := range []string{"status", "EVENT[name]", "third_party_rejected_reason", strings.Repeat("y", 1000) + "_rejected_reason",
		"x@y.example_rejected_reason", "status" + strings.Repeat("-", 500)} {
		for _, value := range []string{"rejected", strings.Repeat("approved ", 100), "\x01" + strings.Repeat("\x02", 300), "bob@shop.example",
			"\xff\xfe", "[token]"} {
			for _, short := range []bool{false, true} {
				params := map[string]string{name: value, ParamTransactionID: strings.Repeat("a", 500), ParamOrderID: strings.Repeat("\x03", 2000)}
				for i := range 190 {
					params[fmt.Sprintf("a%d", i)] = strings.Repeat("\x01", 2000)
				}
				h := &Hit{ID: uuid.Must(uuid.NewV7()), Kind: Postback, ReceivedAt: time.Now(), Method: "GET", Path: "/",
					UserAgent: strings.Repeat("u", 5000), Params: params}
				h.Prune()
				limit := MaxBytes
				if short {
					h.Shorten()
					limit = MaxShortBytes
				}
				Redactor{IsToken: func(text string) bool { return text == "status" || text == "rejected_reason" }}.Hit(h)
				h.Fit(limit)
				require.LessOrEqual(t, size(t, h), limit)
				kept := 0
				for kept1, value1 := range h.Params {
					if QualifierOf(kept1) == QualifierOf(name) {
						kept++
						require.NotContains(t, []string{"", "approved"}, strings.TrimSpace(value1), "%q=%q", name, value)
					}
				}
				require.Equal(t, 1, kept, "%q=%q, short %t: %v", name, value, short, h.Params)
			}
		}
	}
}

func TestAsManyQualifiersAsAHitMayHaveFitIntoItsShortForm(t *testing.T) {
	params := map[string]string{}
	for _, name := range deciding {
		params[name] = strings.Repeat("\x01", 2000)
	}
	for i := range MaxQualifiers {
		params[fmt.Sprintf("%s%02d_rejected_reason", strings.Repeat("\x01", 60), i)] = strings.Repeat("\x01", 2000)
	}
	h := &Hit{ID: uuid.Must(uuid.NewV7()), Kind: Clickless, ReceivedAt: time.Now(), Method: "POST", Path: "/", Params: params}
	h.Prune()
	h.Shorten()
	Redactor{}.Hit(h)
	h.Fit(MaxShortBytes)
	require.LessOrEqual(t, size(t, h), MaxShortBytes)
}

func TestTwoQualifiersThatBecomeOneNameBothCount(t *testing.T) {
	long := strings.Repeat("z", 200)
	h := &Hit{Kind: Postback, Params: map[string]string{long + "1_rejected_reason": "", long + "2_rejected_reason": "fraud"}}
	Redactor{}.Hit(h)
	require.Equal(t, map[string]string{"rejected_reason": ",fraud"}, h.Params)
}

func FuzzQualifierOf(f *testing.F) {
	for _, name := range []string{"event[0][name]", "amp;status", "[", "[1", "]", "x_rejected_reason", "rejectedreaso"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		qualifier := QualifierOf(name)
		require.Equal(t, qualifier, QualifierOf(strings.ToUpper(name[:0])+name), name)
		if qualifier == NoQualifier {
			return
		}
		kept := qualifierName(name, qualifier, Clean)
		require.Equal(t, qualifier, QualifierOf(kept), "%q is kept as %q", name, kept)
		require.LessOrEqual(t, escapedBytes(kept), maxQualifierNameBytes)
	})
}

func TestTrimTakesBlanksThatDoNotShow(t *testing.T) {
	for text, want := range map[string]string{
		"\uFEFFA1\u200B ": "A1", "\u2060 x\t": "x", "A1": "A1", "": "", "\u200B": "", "a\u200Bb": "a\u200Bb", "\u00A0ü\u200F": "ü",
	} {
		require.Equal(t, want, Trim(text), "%q", text)
	}
}
