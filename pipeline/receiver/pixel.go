package receiver

import (
	"github.com/valyala/fasthttp"

	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// pixel handles a postback that a browser sends as an image request. The door exists
// only on the custom tracking domains of an account, and the hit belongs to that account.
func (rc *Receiver) pixel(v *visit) answer {
	from := originOf(v, rc.options.TrustedProxies)
	account, ok := rc.options.Directory.PixelAccount(hostName(from.host))
	if !ok {
		return rc.turnAway(v, hit.Pixel, notFound(outcome.UnknownPixelDomain))
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

// peekPixel responds to HEAD with the headers of the image, or with 404.
func (rc *Receiver) peekPixel(v *visit) answer {
	from := originOf(v, rc.options.TrustedProxies)
	if _, ok := rc.options.Directory.PixelAccount(hostName(from.host)); !ok {
		return notFound(outcome.UnknownPixelDomain)
	}
	return answer{status: fasthttp.StatusOK, result: NotAVisit, gif: true, test: rc.isMarked(v, hit.Pixel)}
}
