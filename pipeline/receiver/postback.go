package receiver

import (
	"github.com/valyala/fasthttp"

	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
)

// postback handles a server-to-server postback. The handler finds out for which offers
// the token is valid.
func (rc *Receiver) postback(v *visit) answer {
	if v.isPrefetch() {
		return prefetched()
	}
	if bot.Is(v.userAgent()) {
		return byBot()
	}
	return rc.conversion(v, rc.newHit(v, hit.Postback, originOf(v, rc.options.TrustedProxies)))
}

// peekPostback responds to HEAD at a door that accepts POST.
func (rc *Receiver) peekPostback(v *visit) answer {
	return answer{status: fasthttp.StatusOK, result: NotAVisit, test: rc.isMarked(v, hit.Postback)}
}

// conversion handles a request that reports the conversion of a click, at any door.
func (rc *Receiver) conversion(v *visit, h *hit.Hit) answer {
	in := rc.readRequest(v, h.Kind)
	return rc.finish(h, in, rc.check(h, in))
}

// check returns the first problem of a request that needs a token: of its form, or else
// of the values of its parameters.
func (rc *Receiver) check(h *hit.Hit, in *request) problem {
	if wrong := in.formWithToken(); wrong.refusal != "" {
		return wrong
	}
	h.Params = in.values
	refusal, subject := h.Check(rc.options.Keys)
	return problem{refusal: refusal, subject: subject}
}
