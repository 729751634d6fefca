package receiver

import (
	"log/slog"
	"net/http"
	"time"
)

// The bounds of one connection. A sender that is slower than these is cut
// off, so that it cannot hold a place for long.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 15 * time.Second
	// idleTimeout is above the 60 s after which common load balancers drop an
	// idle connection, so that they, not we, end it and no request is caught
	// in between.
	idleTimeout = 75 * time.Second
	// maxHeaderBytes is far above MaxURLBytes, so that a URL that is too long
	// is answered by us, with a clear line, and not by net/http.
	maxHeaderBytes = 128 << 10
)

// NewServer makes the HTTP server for a Receiver, with its bounds on time and
// size. What net/http itself has to say goes to the logger as warnings.
func NewServer(addr string, handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}
