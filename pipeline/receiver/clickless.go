package receiver

import (
	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
)

// noIDNote is the note on a clickless postback without an id of its sender.
const noIDNote = "without external_transaction_id or order_id every postback counts, a repeated one too"

// clickless handles a conversion without a click. The offer may be missing: the
// handler takes it from an offer-level token.
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
