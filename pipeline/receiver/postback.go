package receiver

import (
	"github.com/valyala/fasthttp"

	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
)

// postback takes a server-to-server postback. Which offers the token speaks
// for is the handler's to find out.
func (rc *Receiver) postback(v *visit) answer {
	if v.isPrefetch() {
		return prefetched()
	}
	if bot.Is(v.userAgent()) {
		return byBot()
	}
	return rc.conversion(v, rc.newHit(v, hit.Postback, originOf(v, rc.options.TrustedProxies)))
}

// peekPostback answers HEAD at a door that takes POST.
func (rc *Receiver) peekPostback(*visit) answer {
	return answer{status: fasthttp.StatusOK, result: NotAVisit}
}

// conversion takes what claims that a click converted, by whatever door.
func (rc *Receiver) conversion(v *visit, h *hit.Hit) answer {
	in := rc.readRequest(v, h.Kind)
	return rc.finish(h, in, rc.check(h, in))
}

// check looks at the form of a request that needs a token, and then at the
// values of its parameters.
func (rc *Receiver) check(h *hit.Hit, in *request) problem {
	if wrong := in.formWithToken(); wrong.refusal != "" {
		return wrong
	}
	h.Params = in.values
	refusal, subject := rc.options.Keys.Check(h)
	return problem{refusal, subject}
}
