package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"integr8/pipeline/failure"
	"integr8/pipeline/monitor"
)

// check refuses an address without a password where more than this machine can
// reach it.
func (a Admin) check() error {
	if _, _, err := net.SplitHostPort(a.Addr); err != nil {
		return AddressError(ForAdmin, a.Addr, err)
	}
	if a.Password == "" && !listensLocally(a.Addr) {
		return failure.WithHint(errors.New("INTEGR8_ADMIN_ADDR can be reached from elsewhere, and there is no password for it"),
			"set INTEGR8_ADMIN_PASSWORD, or listen on 127.0.0.1")
	}
	if a.Password != "" && len(a.Password) < minAdminPassword {
		return failure.WithHint(fmt.Errorf("INTEGR8_ADMIN_PASSWORD has fewer than %d characters", minAdminPassword), "make one with: openssl rand -hex 32")
	}
	return nil
}

// minAdminPassword is the shortest password, in bytes, that is taken.
const minAdminPassword = 12

// openAdmin takes the admin address, and serves it until all else has stopped.
func (p *process) openAdmin(ctx context.Context) (err error) {
	if p.adminListener, err = listen(ctx, net.ListenConfig{}, ForAdmin, p.options.Admin.Addr); err != nil {
		return err
	}
	p.add(component{name: "admin", stops: watching, close: p.closeAdmin, run: func(serving context.Context) error {
		server := monitor.NewServer(p.options.Admin.Addr, p.adminHandler(p.checks(ctx)))
		return p.serveOn(serving, ForAdmin, p.adminListener, server, 0)
	}})
	p.admin.set(p.adminListener.Addr())
	return nil
}

// closeAdmin frees an address that was not served.
func (p *process) closeAdmin() error {
	if err := p.adminListener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("leave the admin address: %w", err)
	}
	return nil
}

// adminHandler serves the admin address. The probes are open, for load balancers; what
// is behind the password, if there is one, is added to behind.
func (p *process) adminHandler(checks map[string]monitor.Check) http.Handler {
	open := p.metrics.Handler(checks)
	behind := http.NewServeMux()
	behind.Handle("/", open)
	if p.options.Admin.Profile {
		behind.HandleFunc("/debug/pprof/", pprof.Index)
		behind.HandleFunc("/debug/pprof/profile", pprof.Profile)
		behind.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	mux := http.NewServeMux()
	mux.Handle("/healthz", open)
	mux.Handle("/readyz", open)
	mux.Handle("/", p.guarded(behind))
	return mux
}

// guarded asks for the password. Digests are compared, so that neither the
// time nor the length tells anything. It counts wrong passwords, so it is called once,
// for all that is behind the password.
func (p *process) guarded(next http.Handler) http.Handler {
	if p.options.Admin.Password == "" {
		return next
	}
	wanted := sha256.Sum256([]byte(p.options.Admin.Password))
	guesses := &guesses{wait: pause}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, tried := r.BasicAuth()
		given := sha256.Sum256([]byte(password))
		if user != "admin" || subtle.ConstantTimeCompare(given[:], wanted[:]) != 1 {
			if tried {
				p.logger.Warn("a wrong user or password at the admin address", "client", r.RemoteAddr, "delay", guesses.failed(r.Context(), time.Now()))
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="integr8"`)
			http.Error(w, "the user is admin, the password is in INTEGR8_ADMIN_PASSWORD", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guesses delays the answers to wrong passwords: 100 ms for the first and twice
// as long for each further one, up to 5 s, until a minute has passed without one.
// The right password is never delayed.
type guesses struct {
	wait func(context.Context, time.Duration)

	mu    sync.Mutex
	count int
	last  time.Time
}

const (
	firstGuessDelay = 100 * time.Millisecond
	mostGuessDelay  = 5 * time.Second
	guessMemory     = time.Minute
)

// failed waits, and returns for how long.
func (g *guesses) failed(ctx context.Context, now time.Time) time.Duration {
	g.mu.Lock()
	if now.Sub(g.last) > guessMemory {
		g.count = 0
	}
	delay := min(firstGuessDelay<<min(g.count, 10), mostGuessDelay)
	g.count++
	g.last = now
	g.mu.Unlock()
	g.wait(ctx, delay)
	return delay
}

func pause(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func listensLocally(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && host != "" && IsLoopback(host) // an empty host listens everywhere
}

// IsLoopback reports whether a host is this machine, as no host is.
func IsLoopback(host string) bool {
	if host == "" || host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
