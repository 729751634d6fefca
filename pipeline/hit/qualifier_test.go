package hit

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestQualifiersAreKnownInEverySpelling(t *testing.T) {
	for name, want := range map[string]QualifierKind{
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

		"status_code": StatusQualifier, "statusText": StatusQualifier, "conversion_state": StatusQualifier, "paymentState": StatusQualifier,
		"new_status": StatusQualifier, "data[attributes][status]": StatusQualifier, "result.status": StatusQualifier, "goal.state": StatusQualifier,
		"conv_type": EventQualifier, "events": EventQualifier, "events.event": EventQualifier, "goals[0].name": EventQualifier, "event_action": EventQualifier,
		"chargebacks": ReversalQualifier, "returned": ReversalQualifier, "disputed": ReversalQualifier, "is_fraud": ReversalQualifier,
		"isFraudulent": ReversalQualifier, "refunded_at": ReversalQualifier, "amount_refunded": ReversalQualifier, "return_reason": ReversalQualifier,
		"is_return": ReversalQualifier, "order_cancelled_at": ReversalQualifier, "event.refund": ReversalQualifier, "is_bot": ReversalQualifier,
		"was_disputed": ReversalQualifier, "pending": ReversalQualifier, "invalid": ReversalQualifier, "refund.status": ReversalQualifier,
		"result": ApprovalQualifier, "decision": ApprovalQualifier, "verdict": ApprovalQualifier, "order_outcome": ApprovalQualifier, "status.approved": ApprovalQualifier,

		// Platforms' prefixes, and an object for the conversion itself.
		"afstatus": StatusQualifier, "afgoal": EventQualifier, "cnv_status": StatusQualifier, "adv_event_id": EventQualifier, "cb_status": StatusQualifier,
		"activity_kind": EventQualifier, "blocked_reason": ReversalQualifier, "is_blocked": ReversalQualifier, "blacklisted": ReversalQualifier,
		"af_is_fraud": ReversalQualifier, "data.object.status": StatusQualifier, "resource[status]": StatusQualifier, "approval": ApprovalQualifier,
		"approval_status": StatusQualifier, "refunded_quantity": ReversalQualifier, "refund_line_items": ReversalQualifier, "cancelDate": ReversalQualifier,
		"cancellation_date": ReversalQualifier,
		// The last segment of a nested name.
		"data.object.refunded": ReversalQualifier, "data[object][refunded]": ReversalQualifier, "x.y.refunded": ReversalQualifier, "x[y][refunded][0]": ReversalQualifier,
		"x.refunded[]": ReversalQualifier, "info.refund": ReversalQualifier, "x.is_fraud": ReversalQualifier, "x.isPending": ReversalQualifier, "order.items.refunded": ReversalQualifier,
		"nested.is_refund": ReversalQualifier, strings.Repeat("x", 300) + "[refunded]": ReversalQualifier, "deal.amount_refunded": ReversalQualifier,

		"x.pending": NoQualifier, "points.failed": NoQualifier, "product.refund": NoQualifier, "x.product[refund]": NoQualifier, "policy.cancellation": NoQualifier,
		"coupon.void": NoQualifier, "x.status": NoQualifier, "x.event": NoQualifier, "x.is_valid": NoQualifier, "x.refund_policy": NoQualifier, "shipping.returns": NoQualifier,
		"x.refunded.by_user": NoQualifier, "[refunded": ReversalQualifier, "return_date": NoQualifier, "x.return_date": NoQualifier, "approval_code": NoQualifier,
		"af_siteid": NoQualifier, "adv_sub_id": NoQualifier, "aff_status": NoQualifier, "adv1": NoQualifier, "cb": NoQualifier, "blocked_sub_reason": NoQualifier,
		"deal.status": NoQualifier, "fulfillment_status": NoQualifier, "alert_name": NoQualifier, "resource_name": NoQualifier, "object": NoQualifier,

		"order_state": NoQualifier, "lead_state": NoQualifier, "country_state": NoQualifier, "action_type": NoQualifier, "payment_type": NoQualifier,
		"reason": NoQualifier, "event.order": NoQualifier, "event.order.id": NoQualifier, "event_data": NoQualifier, "event_source": NoQualifier,
		"event_label": NoQualifier, "events_count": NoQualifier, "status_reason": NoQualifier, "status_time": NoQualifier, "return_id": NoQualifier,
		"return_to": NoQualifier, "refundable": NoQualifier, "fraud_score": NoQualifier, "cancel_url": NoQualifier,
		"result_code": NoQualifier, "results_per_page": NoQualifier, "paid_by": NoQualifier, "valid_until": NoQualifier, "avoid": NoQualifier,
		"new": NoQualifier, "duplicate": NoQualifier, "is_new": NoQualifier, "test": NoQualifier, "goal_value": NoQualifier,
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

func FuzzQualifierOf(f *testing.F) {
	for _, name := range []string{"event[0][name]", "amp;status", "[", "[1", "]", "x_rejected_reason", "rejectedreaso", "event\x00", "st\xffatus"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		qualifier := QualifierOf(name)
		require.Equal(t, qualifier, QualifierOf(strings.ToUpper(name[:0])+name), name)
		if qualifier == NoQualifier {
			return
		}
		kept := qualifier.KeptName(name, Clean)
		require.True(t, utf8.ValidString(kept) && !holdsNUL(kept), "%q is kept as %q", name, kept)
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
