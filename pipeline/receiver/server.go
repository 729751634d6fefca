package receiver

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// The bounds of one connection. A sender that is slower than these is cut
// off, so that it cannot hold a place for long.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 10 * time.Second
	writeTimeout  = 15 * time.Second
	// idleTimeout is above the 60 s after which common load balancers drop an
	// idle connection, so that they, not we, end it and no request is caught
	// in between.
	idleTimeout = 75 * time.Second
	// maxHeaderBytes is what the lines after the first may take, cookies of
	// the advertiser's domain among them.
	maxHeaderBytes = 24 << 10
)

// Server serves a Receiver over HTTP/1.1, with its bounds on time and size.
// Connections that wait cost it little: buffers are held only while a request
// is read or answered.
type Server struct {
	doors *Receiver
	http  *fasthttp.Server
	// bodyTimeout begins when the header is there.
	bodyTimeout time.Duration
	// ending is set when a connection does not go on after its answer.
	ending atomic.Bool

	mu       sync.Mutex
	listener net.Listener
	stopped  bool
}

// NewServer makes the server of a Receiver.
func NewServer(doors *Receiver) *Server {
	s := &Server{doors: doors, bodyTimeout: bodyTimeout}
	s.http = &fasthttp.Server{
		Handler:            s.handle,
		ErrorHandler:       doors.refuseUnread,
		HeaderReceived:     s.timeForBody,
		ConnState:          followConn,
		ReadTimeout:        headerTimeout,
		WriteTimeout:       writeTimeout,
		IdleTimeout:        idleTimeout,
		ReadBufferSize:     doors.options.MaxURLBytes + maxHeaderBytes,
		MaxRequestBodySize: doors.options.MaxBodyBytes,
		ReduceMemoryUsage:  true,
		CloseOnShutdown:    true,
		LazyRequestTime:    true,

		// Within that time nothing is left of a server that has stopped.
		MaxIdleWorkerDuration: 200 * time.Millisecond,

		DisablePreParseMultipartForm: true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		// What the library has to say of a connection may quote the request.
		SecureErrorLogMessage: true,
		Logger:                silent{},
	}
	return s
}

func (s *Server) timeForBody(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if header.IsGet() || header.IsHead() {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{ReadTimeout: s.bodyTimeout}
}

// followConn tells a connection when a request begins to come, and when it was
// answered.
func followConn(c net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateActive:
		c.(*conn).Arriving()
	case fasthttp.StateIdle:
		c.(*conn).Waiting()
	}
}

func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	c := ctx.Conn().(*conn) // our listener makes no other
	if c.Serving(len(ctx.Request.Body())) {
		s.doors.Serve(ctx)
	} else {
		s.doors.reply(ctx, "", overloaded(), time.Now())
	}
	if s.ending.Load() || c.Ends() {
		ctx.SetConnectionClose()
	}
}

// Serve takes connections until Shutdown, and answers nil then. It closes the
// listener.
func (s *Server) Serve(listener net.Listener) error {
	patient := newPatientListener(s.doors.bounded(listener, s.http.ReadBufferSize), s.doors.options.Logger)
	s.mu.Lock()
	s.listener = patient
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		return patient.Close()
	}
	return s.http.Serve(patient)
}

// SetKeepAlivesEnabled says whether a connection goes on after its answer, as
// it does unless this is called with false.
func (s *Server) SetKeepAlivesEnabled(enabled bool) { s.ending.Store(!enabled) }

// Shutdown takes no more connections, and waits until requests under way are
// answered. The error is ctx's when that ends first.
func (s *Server) Shutdown(ctx context.Context) error {
	s.ending.Store(true)
	s.mu.Lock()
	s.stopped = true
	listener := s.listener
	s.mu.Unlock()
	if listener == nil {
		return nil
	}
	// The library closes only what it has begun to serve.
	return errors.Join(listener.Close(), s.http.ShutdownWithContext(ctx))
}

// silent drops what the library says: what concerns the doors is answered and
// observed, and what concerns the listener is logged there.
type silent struct{}

func (silent) Printf(string, ...any) {}
