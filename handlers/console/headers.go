package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
)

// policy lets a page load nothing but what this server has, and run no script and no style
// that stands in the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secured refuses requests that change something and come from another site, and sets the
// headers that every response has.
func secured(next http.Handler) http.Handler {
	refusing := http.NewCrossOriginProtection()
	guarded := refusing.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		header.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

const (
	// mostRequests is how many requests are worked on at once.
	mostRequests = 32
	// mostBodyBytes bounds the body of a request.
	mostBodyBytes = 64 << 10
)

// bounded serves pages within bounds of time, size and number. A panic must not end the
// process that also takes hits in.
func (c *Console) bounded(next http.Handler) http.Handler {
	slots := make(chan struct{}, mostRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not worked on before it has come: who sends slowly keeps nobody from the pages.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBodyBytes))
		if err != nil {
			unread(w, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			w.Header().Set("Retry-After", "5")
			http.Error(w, fmt.Sprintf("%d requests are being worked on: try again", mostRequests), http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), c.Timeout)
		defer cancel()
		defer func() {
			if raised := recover(); raised != nil {
				c.Logger.Error("a page of the console has panicked", "method", r.Method, "path", r.URL.Path, "panic", raised, "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// unread refuses a request whose body did not come whole.
func unread(w http.ResponseWriter, err error) {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		http.Error(w, fmt.Sprintf("the form has more than %d bytes", long.Limit), http.StatusRequestEntityTooLarge)
		return
	}
	http.Error(w, "the form has not come whole", http.StatusBadRequest)
}
