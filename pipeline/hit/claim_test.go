package hit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestClaimsAreKnownInEverySpelling(t *testing.T) {
	for name, want := range map[string]Claim{
		"event": EventClaim, "event_id": EventClaim, "event_name": EventClaim, "Event-Name": EventClaim, "eventName": EventClaim,
		"EVENT_TYPE": EventClaim, "goal": EventClaim, "goal_id": EventClaim, "goalId": EventClaim, "event[name]": EventClaim,
		"event_name[]": EventClaim, "event[0]": EventClaim, "amp;event_id": EventClaim, "amp;amp;goal": EventClaim,
		"conversion_type": EventClaim, "conversion.event": EventClaim, "data[event][name]": EventClaim, " event ": EventClaim,
		"\uFEFFevent_name": EventClaim, "event\x00": EventClaim, "order_event": EventClaim, "data[conversion][goal]": EventClaim,
		"status": StatusClaim, "Status": StatusClaim, "conversion_status": StatusClaim, "sale-status": StatusClaim,
		"order_status": StatusClaim, "payment.status": StatusClaim, "transaction_type": StatusClaim, "transactionType": StatusClaim,
		"conversion[0][status]": StatusClaim, "event_status": StatusClaim,
		"refund": ReversalClaim, "is_refund": ReversalClaim, "chargeback": ReversalClaim, "reversal": ReversalClaim,
		"order_refunded": ReversalClaim, "third_party_rejected_reason": ReversalClaim, "new_rejected_reason": ReversalClaim,
		"rejectedReason": ReversalClaim, "rejected": ReversalClaim, strings.Repeat("very_", 40) + "Rejected-Reason": ReversalClaim,
		"cancelled": ReversalClaim,

		"": NoClaim, "transaction_id": NoClaim, "secure": NoClaim, "order_id": NoClaim, "action": NoClaim, "type": NoClaim,
		"state": NoClaim, "event_value": NoClaim, "event_time": NoClaim, "status_url": NoClaim, "items[0][status]": NoClaim,
		"customer_status": NoClaim, "refund_policy": NoClaim, "order_total": NoClaim, "sale": NoClaim, "lead_id": NoClaim,
		"statue": NoClaim, "prevent": NoClaim, "goals_scored": NoClaim, "http_status": NoClaim, "return_url": NoClaim,
		strings.Repeat("x", 300): NoClaim,
	} {
		require.Equal(t, want, ClaimOf(name), "%q", name)
	}
}

// TestNoBoundDropsAClaim sends a claim between everything that a hit is cut for.
func TestNoBoundDropsAClaim(t *testing.T) {
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
					if ClaimOf(kept1) == ClaimOf(name) {
						kept++
						require.NotContains(t, []string{"", "approved"}, strings.TrimSpace(value1), "%q=%q", name, value)
					}
				}
				require.Equal(t, 1, kept, "%q=%q, short %t: %v", name, value, short, h.Params)
			}
		}
	}
}

func TestAsManyClaimsAsAHitMayMakeFitIntoItsShortForm(t *testing.T) {
	params := map[string]string{}
	for _, name := range deciding {
		params[name] = strings.Repeat("\x01", 2000)
	}
	for i := range MaxClaims {
		params[fmt.Sprintf("%s%02d_rejected_reason", strings.Repeat("\x01", 60), i)] = strings.Repeat("\x01", 2000)
	}
	h := &Hit{ID: uuid.Must(uuid.NewV7()), Kind: Clickless, ReceivedAt: time.Now(), Method: "POST", Path: "/", Params: params}
	h.Prune()
	h.Shorten()
	Redactor{}.Hit(h)
	h.Fit(MaxShortBytes)
	require.LessOrEqual(t, size(t, h), MaxShortBytes)
}

func TestTwoClaimsThatBecomeOneNameBothCount(t *testing.T) {
	long := strings.Repeat("z", 200)
	h := &Hit{Kind: Postback, Params: map[string]string{long + "1_rejected_reason": "", long + "2_rejected_reason": "fraud"}}
	Redactor{}.Hit(h)
	require.Equal(t, map[string]string{"rejected_reason": ",fraud"}, h.Params)
}

func FuzzClaimOf(f *testing.F) {
	for _, name := range []string{"event[0][name]", "amp;status", "[", "[1", "]", "x_rejected_reason", "rejectedreaso"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		claim := ClaimOf(name)
		require.Equal(t, claim, ClaimOf(strings.ToUpper(name[:0])+name), name)
		if claim == NoClaim {
			return
		}
		kept := claimName(name, claim, Clean)
		require.Equal(t, claim, ClaimOf(kept), "%q is kept as %q", name, kept)
		require.LessOrEqual(t, escapedBytes(kept), maxClaimNameBytes)
	})
}

func TestTrimTakesBlanksThatDoNotShow(t *testing.T) {
	for text, want := range map[string]string{
		"\uFEFFA1\u200B ": "A1", "\u2060 x\t": "x", "A1": "A1", "": "", "\u200B": "", "a\u200Bb": "a\u200Bb", "\u00A0ü\u200F": "ü",
	} {
		require.Equal(t, want, Trim(text), "%q", text)
	}
}
