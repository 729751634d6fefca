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

// Handler serves /healthz (the process responds), /readyz (every check passes)
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

// MaxConnections bounds the connections of the admin address, which has few clients. At
// the bound a new connection evicts the one that has been idle for the longest, or, when
// none is idle, the one with the oldest request.
const MaxConnections = 64

// Bounds of a request at the admin address. The largest legitimate one has a header with
// a password and the cookies of other pages on the same host, and no body.
const (
	maxHeaderBytes = 16 << 10
	maxBodyBytes   = 4 << 10
)

// Server serves the admin address. It has its own bounds on connections, time
// and size, so that it responds under any load on it or on the doors.
type Server struct{ *http.Server }

// NewServer returns the server of the admin address.
func NewServer(addr string, handler http.Handler) *Server {
	server := &http.Server{
		Addr:              addr,
		Handler:           http.MaxBytesHandler(handler, maxBodyBytes),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	FollowConnections(server)
	return &Server{server}
}

// FollowConnections makes a server, whose handler is set, report to the connections of a
// connection.Listener what they are doing, so that those that do the least are evicted
// first. The server can serve no other listener.
func FollowConnections(server *http.Server) {
	server.Handler = noteServing(server.Handler)
	server.ConnState = followConn
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
}

// Serve accepts connections from a listener, MaxConnections at most.
func (s *Server) Serve(listener net.Listener) error {
	return s.Server.Serve(connection.NewListener(listener, connection.Options{Max: MaxConnections, EndServing: true}))
}

// connKey is the key of the connection in a request's context.
type connKey struct{}

// followConn reports to a connection that a request begins to arrive, or was answered.
func followConn(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateActive:
		c.(*connection.Conn).Arriving()
	case http.StateIdle:
		c.(*connection.Conn).Waiting()
	}
}

// noteServing reports to a connection that its request is being served, so that it is
// evicted only when all others are being served too: /readyz takes a second or two when a
// server hangs. After the handler, the connection counts as arriving, because the rest of
// the body is still read, and a slow sender can make that long.
func noteServing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(connKey{}).(*connection.Conn)
		c.Serving(0)
		defer c.Arriving()
		next.ServeHTTP(w, r)
	})
}
