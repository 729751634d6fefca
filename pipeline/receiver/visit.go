package receiver

import (
	"net/http"
	"strings"
)

// prefetchHeaders are how browsers and previews say that nobody has asked for
// the page yet.
var prefetchHeaders = [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"}

// isPrefetch reports whether the request only prepares for a visit that may
// never come.
func isPrefetch(r *http.Request) bool {
	for _, name := range prefetchHeaders {
		for _, value := range r.Header[name] {
			value = strings.ToLower(value)
			if strings.Contains(value, "prefetch") || strings.Contains(value, "prerender") || strings.Contains(value, "preview") {
				return true
			}
		}
	}
	return false
}

// prefetched answers a prefetch with nothing, so that the browser asks again
// when the visitor really comes: a redirect that it kept would carry a
// transaction_id that was never recorded.
func prefetched() answer {
	return answer{status: http.StatusNoContent, result: NotAVisit, vary: strings.Join(prefetchHeaders[:], ", ")}
}
