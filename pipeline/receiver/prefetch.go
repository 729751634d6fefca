package receiver

import (
	"bytes"
	"strings"

	"github.com/valyala/fasthttp"
)

// prefetchHeaders are how browsers and previews say that nobody has asked for
// the page yet.
var prefetchHeaders = [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"}

// isPrefetch reports whether the request only prepares for a visit that may
// never come.
func (v *visit) isPrefetch() bool {
	for _, name := range prefetchHeaders {
		for _, value := range v.values(name) {
			value = bytes.ToLower(value)
			for _, word := range [...]string{"prefetch", "prerender", "preview"} {
				if bytes.Contains(value, []byte(word)) {
					return true
				}
			}
		}
	}
	return false
}

// byBot answers a postback, a pixel or a clickless hit of a known link preview
// or crawler: somebody has pasted the URL, and nothing was bought. It is not
// recorded. The status is no success, so that a server that was taken for a bot
// shows in its sender's log.
func byBot() answer {
	return answer{
		status: fasthttp.StatusForbidden, result: ByBot,
		line: "nothing was taken, because the User-Agent is that of a link preview or a crawler: send conversions with another one",
	}
}

// prefetched answers a prefetch with nothing, so that the browser asks again
// when the visitor really comes: a redirect that it kept would carry a
// transaction_id that was never recorded.
func prefetched() answer {
	return answer{status: fasthttp.StatusNoContent, result: NotAVisit, vary: strings.Join(prefetchHeaders[:], ", ")}
}
