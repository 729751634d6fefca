package receiver

import (
	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
)

// noIDNote tells the sender of a clickless postback what follows from sending
// no id of its own.
const noIDNote = "without external_transaction_id or order_id every postback counts, a repeated one too"

// clickless takes a conversion that had no click. The offer may be missing:
// an offer-level token names it, which shows only later.
func (rc *Receiver) clickless(v *visit) answer {
	if v.isPrefetch() {
		return prefetched()
	}
	if bot.Is(v.userAgent()) {
		return byBot()
	}
	in := rc.readRequest(v, hit.Clickless)
	h := rc.newHit(v, hit.Clickless, originOf(v, rc.options.TrustedProxies))
	hasID := in.get(hit.ParamExternalTransactionID) != "" || in.get(hit.ParamOrderID) != ""
	a := rc.finish(h, in, rc.check(h, in))
	if a.result == Accepted && !hasID {
		a.note = joinNotes(noIDNote, a.note)
	}
	return a
}
