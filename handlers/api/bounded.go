package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
)

// mostRequests is how many requests are worked on at once. Each may hold a page of rows
// and a connection to the database.
const mostRequests = 32

// bounded serves the operations within bounds of time and number, and answers in the form
// of problems where they do not answer.
func (a *api) bounded(operations *http.ServeMux) http.Handler {
	slots := make(chan struct{}, mostRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			p := problem(unavailable, fmt.Sprintf("%d requests are being worked on", mostRequests), "try again")
			p.retryAfter = retrySoon
			answer(w, p)
			return
		}
		if _, pattern := operations.Handler(r); pattern == "" {
			a.unserved(w, r, operations)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
		defer cancel()
		begun := &begun{ResponseWriter: w}
		defer a.recovered(begun, r)
		operations.ServeHTTP(begun, r.WithContext(ctx))
	})
}

// begun notes that an answer has begun.
type begun struct {
	http.ResponseWriter
	yes bool
}

func (b *begun) WriteHeader(status int) {
	b.yes = true
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(text []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(text)
}

// Unwrap lets http.ResponseController find the connection.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// unserved answers a request for which there is no operation, with the status and the
// header Allow that the mux has for it.
func (a *api) unserved(w http.ResponseWriter, r *http.Request, operations *http.ServeMux) {
	refusal := refusal{header: http.Header{}}
	operations.ServeHTTP(&refusal, r)
	if refusal.status != http.StatusMethodNotAllowed {
		answer(w, problem(notFound, "there is no such path", Path+"/openapi.json lists all of them"))
		return
	}
	w.Header().Set("Allow", refusal.header.Get("Allow"))
	p := problem(badRequest, "the path does not take this method", "it takes "+refusal.header.Get("Allow"))
	p.Status, p.Title = refusal.status, http.StatusText(refusal.status)
	answer(w, p)
}

// refusal keeps the status and the header of an answer.
type refusal struct {
	header http.Header
	status int
}

func (r *refusal) Header() http.Header { return r.header }

func (r *refusal) WriteHeader(status int) { r.status = status }

func (r *refusal) Write(text []byte) (int, error) { return len(text), nil }

// recovered turns a panic into a problem, and logs it with its stack: a request must not
// end the process that also takes hits in.
func (a *api) recovered(w *begun, r *http.Request) {
	raised := recover()
	if raised == nil {
		return
	}
	if raised == http.ErrAbortHandler {
		panic(raised)
	}
	a.Logger.Error("a request of the API has panicked", "method", r.Method, "path", r.URL.Path, "panic", raised, "stack", string(debug.Stack()))
	if w.yes {
		panic(http.ErrAbortHandler) // so that nobody takes what was sent for the whole
	}
	answer(w, problem(internal, "the request failed inside", "the log of integr8 names the cause"))
}

// answer writes a problem as the answer.
func answer(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header().Set(name, values[0])
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	writeProblem(w, p)
}

// writeProblem writes a problem to a client, which may be gone.
func writeProblem(w io.Writer, p *Problem) { _ = json.NewEncoder(w).Encode(p) }
