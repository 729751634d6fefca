package monitor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"integr8/pipeline/connection"
)

// Handler serves /healthz (the process lives), /readyz (every check passes)
// and /metrics.
func (m *Metrics) Handler(checks map[string]Check) http.Handler {
	readiness := &readiness{checks: checks}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /readyz", readiness)
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// MaxConnections bounds the connections of the admin address. Those who ask
// there are few; where more come, what has been idle for the longest makes room,
// and where nothing is idle what has been asked the longest ago.
const MaxConnections = 64

// The bounds of a request at the admin address: the largest has a header with a
// password and cookies of the machine's other pages, and no body.
const (
	maxHeaderBytes = 16 << 10
	maxBodyBytes   = 4 << 10
)

// Server serves the admin address, with bounds of its own on connections, time
// and size, so that it answers whatever is done to it or to the doors.
type Server struct{ *http.Server }

// NewServer makes the server of the admin address.
func NewServer(addr string, handler http.Handler) *Server {
	return &Server{&http.Server{
		Addr:              addr,
		Handler:           http.MaxBytesHandler(noteServing(handler), maxBodyBytes),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         followConn,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}}
}

// Serve takes connections of a listener within MaxConnections.
func (s *Server) Serve(listener net.Listener) error {
	return s.Server.Serve(connection.NewListener(listener, connection.Options{Max: MaxConnections, EndServing: true}))
}

// connKey is where a request's context keeps its connection.
type connKey struct{}

// followConn tells a connection when a request begins to come, and when it was
// answered.
func followConn(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateActive:
		c.(*connection.Conn).Arriving()
	case http.StateIdle:
		c.(*connection.Conn).Waiting()
	}
}

// noteServing tells a connection that its request is being served, so that it
// makes room only where all others are being served too: /readyz takes a second
// or two where a server hangs. After that what is left of a body is still read,
// which a sender that does not finish makes long.
func noteServing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(connKey{}).(*connection.Conn)
		c.Serving(0)
		defer c.Arriving()
		next.ServeHTTP(w, r)
	})
}
