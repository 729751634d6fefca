package receiver

import (
	"net/http"

	"integr8/pipeline/hit"
)

// pixel takes a postback that a browser sends as an image request. It exists
// only on the tracking domains of an account, which the hit is bound to.
func (rc *Receiver) pixel(r *http.Request) answer {
	from := originOf(r, rc.options.TrustedProxies)
	account, ok := rc.options.Directory.PixelAccount(hostName(from.host))
	if !ok {
		return notFound("there is no pixel on this host: use a tracking domain of the account")
	}
	if isPrefetch(r) {
		return prefetched()
	}
	h := rc.newHit(r, hit.Pixel, from)
	h.AccountID = account
	a := rc.conversion(r, h)
	a.gif = a.result == Accepted
	return a
}

// peekPixel answers HEAD: the headers of the image, where there is one.
func (rc *Receiver) peekPixel(r *http.Request) answer {
	from := originOf(r, rc.options.TrustedProxies)
	if _, ok := rc.options.Directory.PixelAccount(hostName(from.host)); !ok {
		return notFound("there is no pixel on this host: use a tracking domain of the account")
	}
	return answer{status: http.StatusOK, result: NotAVisit, gif: true}
}
