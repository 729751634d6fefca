package receiver

import (
	"bytes"
	"strings"

	"github.com/valyala/fasthttp"
)

// prefetchHeaders are the headers in which browsers and previews say that no person has
// opened the page yet.
var prefetchHeaders = [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"}

// isPrefetch reports whether the request is only a preparation for a visit.
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

// byBot returns the response to a postback, a pixel or a clickless hit of a known link
// preview or crawler: a person has pasted the URL, and nothing was bought. The hit is not
// recorded. The status is an error, so that a server that is taken for a bot by mistake
// finds it in its log.
func byBot() answer {
	return answer{
		status: fasthttp.StatusForbidden, result: ByBot,
		line: "nothing was taken, because the User-Agent is that of a link preview or a crawler: send conversions with another one",
	}
}

// prefetched returns the response to a prefetch, which is empty, so that the browser
// sends the request again when the visitor opens the link. A cached redirect would
// contain a transaction_id that was never recorded.
func prefetched() answer {
	return answer{status: fasthttp.StatusNoContent, result: NotAVisit, vary: strings.Join(prefetchHeaders[:], ", ")}
}
