package monitor

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Check reports whether one thing that readiness needs is there. Without an
// error the remark, which may be empty, is what an operator should know all
// the same. Both are shown to whoever asks, so they must hold no secret.
type Check func(ctx context.Context) (remark string, err error)

// readyTimeout bounds all checks of one question together.
const readyTimeout = 3 * time.Second

// Handler serves /healthz (the process lives), /readyz (every check passes)
// and /metrics.
func (m *Metrics) Handler(checks map[string]Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		ready(ctx, w, checks)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

func ready(ctx context.Context, w http.ResponseWriter, checks map[string]Check) {
	var failed, remarks []string
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		switch remark, err := checks[name](ctx); {
		case err != nil:
			failed = append(failed, fmt.Sprintf("%s: %v", name, err))
		case remark != "":
			remarks = append(remarks, fmt.Sprintf("%s: %s", name, remark))
		}
	}
	if len(failed) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	} else {
		fmt.Fprintln(w, "ready")
	}
	for _, line := range append(failed, remarks...) {
		fmt.Fprintln(w, line)
	}
}

// NewServer makes the server of the admin address.
func NewServer(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
	}
}
