package receiver

import (
	"github.com/valyala/fasthttp"

	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
)

// pixel takes a postback that a browser sends as an image request. It exists
// only on the tracking domains of an account, which the hit is bound to.
func (rc *Receiver) pixel(v *visit) answer {
	from := originOf(v, rc.options.TrustedProxies)
	account, ok := rc.options.Directory.PixelAccount(hostName(from.host))
	if !ok {
		return rc.turnAway(v, hit.Pixel, notFound(hit.UnknownPixelDomain))
	}
	if v.isPrefetch() {
		return prefetched()
	}
	if bot.Is(v.userAgent()) {
		return byBot()
	}
	h := rc.newHit(v, hit.Pixel, from)
	h.AccountID = account
	a := rc.conversion(v, h)
	a.gif = a.result == Accepted
	return a
}

// peekPixel answers HEAD: the headers of the image, where there is one.
func (rc *Receiver) peekPixel(v *visit) answer {
	from := originOf(v, rc.options.TrustedProxies)
	if _, ok := rc.options.Directory.PixelAccount(hostName(from.host)); !ok {
		return notFound(hit.UnknownPixelDomain)
	}
	return answer{status: fasthttp.StatusOK, result: NotAVisit, gif: true}
}
