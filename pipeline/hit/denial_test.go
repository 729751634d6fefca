package hit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPlainDenialIsSeenUnderAnyNameButALabels is both sides of the rule in
// vocabulary.go for parameters outside the family.
func TestAPlainDenialIsSeenUnderAnyNameButALabels(t *testing.T) {
	pairs := func(list string) (pairs [][2]string) {
		for line := range strings.SplitSeq(strings.TrimSpace(list), "\n") {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			pairs = append(pairs, [2]string{name, value})
		}
		return pairs
	}
	for _, pair := range pairs(`
		order_state=refunded
		order_state=pending_payment
		state=Canceled
		type=charge.refunded
		type=charge.dispute.created
		topic=orders/cancelled
		type=payment_intent.payment_failed
		type=payment_intent.canceled
		type=checkout.session.async_payment_failed
		type=checkout.session.expired
		type=charge.dispute.funds_withdrawn
		type=radar.early_fraud_warning.created
		type=ok,PAYMENT.INTENT.REFUNDED
		notificationType=DID_REFUND
		topic=disputes/funds_back/dispute
		alert_name=payment_refunded
		alert_name=subscription_payment_failed
		resource_name=refund
		resource_name=cancellation
		name=REFUND
		deal.status=lost
		verdict_text=bad
		x=refunded
		k=chargeback
		amount="-5"
		gross=-5
		mc_gross=-5
		cost=-5
		af_revenue=-5
		afprice=-5
		action_type=reversal
		action=cancel
		reason=fraud
		reason=Bot
		message=Payment failed
		comment=returned by customer
		items.status=refunded
		shipping_status=returned
		subscription_status=cancelled
		x_state=charged back
		custom_status=not approved
		mystery=Rejected
		mystery=REFUND
		mystery=orderRefunded
		mystery=chargeback
		mystery=declined!
		mystery="voided"
		mystery=ok,refunded
		mystery=rejected: fraud
		mystery=status: rejected
		статус=rejected
		amount=-1
		amount=-1,000.00
		order_total=(12.50)
		value=−3
		event_value=-0.01
		sale_amount=EUR -5
		total_price=-5 USD
		commission=5-
		revenue=-10
		revenue=10, -10
		payout=-5
	`) {
		require.True(t, Denies(pair[0], pair[1]), "%q", pair)
		require.Equal(t, DenialQualifier, QualifierIn(pair[0], pair[1]), "%q", pair)
	}
	for _, pair := range pairs(`
		utm_campaign=refund-offer
		utm_campaign=refund
		utmSource=rejected
		product=Rejected T-Shirt
		product=Void
		items.product_name=Refund
		coupon=VOID10
		coupon=VOID
		promo_code=VOID
		sub5=rejected
		aff_sub=refund
		s1=cancelled
		refund_protection=declined
		insurance_status=declined
		upsell_status=declined
		cookie_status=rejected
		marketing_status=rejected
		addon=rejected
		customer_type=returned
		visitor_type=returned
		seller_protection.status=NOT_ELIGIBLE
		discounts.code=VOID
		order.discounts.code=VOID
		data[order][coupon][code]=VOID
		q=refund
		name=Return
		name=Void Star
		title=Refund
		items.name=REFUND
		type=checkout.session.completed
		type=payment_intent.succeeded
		type=charge.not_refunded.x
		type=refundable.ticket
		type=return-flight home
		type=charge.dispute2
		x=payment_intent.canceled
		reason=customer.dispute_free.visit
		fulfillment_status=pending
		mc_fee=-5
		shipping_cost=-5
		sub_id=rejected
		adv_sub_id=refunded
		referrer=https://shop.example/refund
		return_url=https://shop.example/cancelled
		search_query=refund
		cookies=rejected
		ad_storage=declined
		reason=
		reason=gift
		state=CA
		state=NO
		country_state=NY
		order_state=processing
		lead_state=TX
		type=sale
		type=order.created
		action_type=purchase
		trip_type=return
		shipping_status=pending
		email_status=failed
		http_status=200
		refund_policy=30 days
		refund_policy=no refund
		fraud_check=not fraud
		fraud_score=0.2
		message=no chargeback
		description=Refund of your taxes
		mystery={refund}
		mystery=[refunded]
		mystery=refund2
		mystery=unrefundable
		mystery=non-refundable
		mystery=not refunded
		mystery=remboursé
		discount=-5
		items.price=-5
		discount_amount=-5
		tz_offset=-120
		lon=-70.1
		lead_id=-1
		amount=-
		amount=-0.00
		amount=5-10
		amount=2026-01-01
		value=gift-50
		revenue=10
		revenue=-0
		revenue=2,000.00
		revenue=rejected
		payout=abc-5
	`) {
		require.False(t, Denies(pair[0], pair[1]), "%q", pair)
		require.NotEqual(t, DenialQualifier, QualifierIn(pair[0], pair[1]), "%q", pair)
	}
}

func TestAReversalIsAbsolvedByItsDenial(t *testing.T) {
	for _, text := range []string{"not_refunded", "No chargeback", "never cancelled", "no fraud detected", "0.000", "0000-00-00 00:00:00", "0,00", "$0.00", "0.00 usd"} {
		require.True(t, Absolves(text), text)
	}
	for _, text := range []string{"", "refunded", "not approved", "0.01", "$0.01", "usd", "low", "-", "pending", "not refunded, chargeback"} {
		require.False(t, Absolves(text), text)
	}
}

// FuzzDenial: what denies does so too in the form in which it is kept.
func FuzzDenial(f *testing.F) {
	for _, pair := range [][2]string{{"x", "refunded"}, {"type", "a,,cancel"}, {"amount", "-5"}, {"revenue", "1, (2)"}, {"x", "\"\"refunded\"\""}, {"x", "charge back"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		said, denied := Denial(name, value)
		if !denied || KnownParam(name) {
			return
		}
		require.True(t, Denies(name, said), "%q of %q", said, value)
		h := &Hit{Kind: Postback, Params: map[string]string{name: said}}
		if QualifierOf(name) == NoQualifier {
			require.Equal(t, said, h.KeepValue(name, said, said, 2048))
			require.True(t, Denies(DenialQualifier.KeptName(name, Clean), said))
		}
	})
}

// TestTheCanonicalNameDeniesByWhateverDeniesUnderAnyName: a parameter past MaxDenials, or
// with a name that cannot be kept, is recorded under it.
func TestTheCanonicalNameDeniesByWhateverDeniesUnderAnyName(t *testing.T) {
	for _, value := range []string{"refunded", "pending", "charge.dispute.created4", "-5", "(12.50)", FurtherDenials} {
		require.Equal(t, DenialQualifier, QualifierIn(DenialQualifier.Canonical(), value), value)
	}
}

// TestWhatIsKeptOfADenialTellsNoSecret that stood in its text, and still denies.
func TestWhatIsKeptOfADenialTellsNoSecret(t *testing.T) {
	const event, approval = "password:hunter2.refund", "{hunter2}"
	h := &Hit{Kind: Postback, Params: map[string]string{"type": event, "approved": approval}}
	require.Equal(t, FurtherDenials, h.KeepValue("type", event, "[secret]", 2048))
	require.Equal(t, FurtherDenials, h.KeepValue("approved", approval, "hidden", 2048))
	require.True(t, Denies("type", FurtherDenials))
	require.True(t, RefusesApproval(FurtherDenials))
}
