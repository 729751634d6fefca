package receiver

import (
	"net/http"

	"integr8/pipeline/hit"
)

// postback takes a server-to-server postback. Which offers the token speaks
// for is the handler's to find out.
func (rc *Receiver) postback(r *http.Request) answer {
	if isPrefetch(r) {
		return prefetched()
	}
	return rc.conversion(r, rc.newHit(r, hit.Postback, originOf(r, rc.options.TrustedProxies)))
}

// peekPostback answers HEAD at a door that takes POST.
func (rc *Receiver) peekPostback(*http.Request) answer {
	return answer{status: http.StatusOK, result: NotAVisit}
}

// conversion takes what claims that a click converted, by whatever door.
func (rc *Receiver) conversion(r *http.Request, h *hit.Hit) answer {
	in, fault := rc.readRequest(r)
	if fault != nil {
		return *fault
	}
	wrong := in.formWithToken()
	if wrong.refusal == "" {
		h.TransactionID, wrong = rc.transactionID(in)
	}
	if wrong.refusal == "" {
		wrong = in.money()
	}
	return rc.finish(h, in, wrong)
}
