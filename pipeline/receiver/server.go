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

// Timeouts and bounds of one connection. The connection of a slower sender is closed, so
// that it cannot occupy a place for long.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 10 * time.Second
	writeTimeout  = 15 * time.Second
	// idleTimeout is longer than the 60 s after which common load balancers close an
	// idle connection. So the load balancer closes it first, and no request arrives on a
	// connection that this server is closing.
	idleTimeout = 75 * time.Second
	// maxHeaderBytes bounds the lines after the first, which may include cookies of
	// the advertiser's domain.
	maxHeaderBytes = 24 << 10
)

// Server serves a Receiver over HTTP/1.1, with its bounds on time and size.
// A waiting connection uses little memory: it has buffers only while a request
// is read or responded to.
type Server struct {
	doors *Receiver
	http  *fasthttp.Server
	// bodyTimeout begins when the header has arrived.
	bodyTimeout time.Duration
	// ending is set when connections are closed after their next response.
	ending atomic.Bool

	mu       sync.Mutex
	listener net.Listener
	stopped  bool
}

// NewServer returns a server of a Receiver.
func NewServer(doors *Receiver) *Server {
	s := &Server{doors: doors, bodyTimeout: bodyTimeout}
	s.http = &fasthttp.Server{
		Handler:            s.handle,
		ErrorHandler:       doors.refuseUnread,
		HeaderReceived:     s.boundBody,
		ConnState:          followConn,
		ReadTimeout:        headerTimeout,
		WriteTimeout:       writeTimeout,
		IdleTimeout:        idleTimeout,
		ReadBufferSize:     doors.options.MaxURLBytes + maxHeaderBytes,
		MaxRequestBodySize: doors.options.MaxBodyBytes + 1, // one more, so that isTooLarge notices
		ReduceMemoryUsage:  true,
		CloseOnShutdown:    true,
		LazyRequestTime:    true,

		// After this time all goroutines of a stopped server have ended.
		MaxIdleWorkerDuration: 200 * time.Millisecond,

		DisablePreParseMultipartForm: true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		// The library's errors may quote the request.
		SecureErrorLogMessage: true,
		Logger:                silent{},
	}
	return s
}

// boundBody sets the timeout of a body. For a body that is too large it makes the
// library read the beginning, which may contain a token; otherwise the library would read
// nothing of it.
func (s *Server) boundBody(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if header.IsGet() || header.IsHead() {
		return fasthttp.RequestConfig{}
	}
	if header.ContentLength() > s.http.MaxRequestBodySize {
		header.SetContentLength(s.http.MaxRequestBodySize)
	}
	return fasthttp.RequestConfig{ReadTimeout: s.bodyTimeout}
}

// followConn reports to a connection that a request begins to arrive, or was answered.
func followConn(c net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateActive:
		c.(*conn).Arriving()
	case fasthttp.StateIdle:
		c.(*conn).Waiting()
	}
}

func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	c := ctx.Conn().(*conn) // our listener returns only this type
	if c.Serving(len(ctx.Request.Body())) {
		s.doors.Serve(ctx)
	} else {
		s.doors.reply(ctx, "", overloaded(), time.Now())
	}
	if s.doors.isTooLarge(ctx.Request.Body()) { // the rest of the body is not the next request
		c.linger.Store(true)
		ctx.SetConnectionClose()
	}
	if s.ending.Load() || c.Ends() {
		ctx.SetConnectionClose()
	}
}

// Serve accepts connections until Shutdown, and then returns nil. It closes the
// listener.
func (s *Server) Serve(listener net.Listener) error {
	retrying := newRetryingListener(s.doors.bounded(listener), s.doors.options.Logger, s.doors.options.headBytes())
	s.mu.Lock()
	s.listener = retrying
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		return retrying.Close()
	}
	return s.http.Serve(retrying)
}

// SetKeepAlivesEnabled sets whether connections stay open after a response. Default true.
func (s *Server) SetKeepAlivesEnabled(enabled bool) { s.ending.Store(!enabled) }

// Shutdown stops accepting connections, and waits until requests under way have their
// response. It returns the error of ctx when that ends first.
func (s *Server) Shutdown(ctx context.Context) error {
	s.ending.Store(true)
	s.mu.Lock()
	s.stopped = true
	listener := s.listener
	s.mu.Unlock()
	if listener == nil {
		return nil
	}
	// Closed here, because the library closes a listener only after Serve was called.
	return errors.Join(listener.Close(), s.http.ShutdownWithContext(ctx))
}

// silent drops the library's log: the doors respond to and observe errors of requests,
// and the listener logs its own errors.
type silent struct{}

func (silent) Printf(string, ...any) {}
