package main

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
)

// checkAdmin refuses an admin address without a password where more than this
// machine can reach it.
func (s *settings) checkAdmin() error {
	if err := adminSetting.check(s.AdminAddr); err != nil {
		return err
	}
	if s.AdminPassword == "" && !isLoopback(s.AdminAddr) {
		return withHint(errors.New("INTEGR8_ADMIN_ADDR can be reached from elsewhere, and there is no password for it"),
			"set INTEGR8_ADMIN_PASSWORD, or listen on 127.0.0.1")
	}
	if s.AdminPassword != "" && len(s.AdminPassword) < minAdminPassword {
		return withHint(fmt.Errorf("INTEGR8_ADMIN_PASSWORD has fewer than %d characters", minAdminPassword), "make one with: openssl rand -hex 32")
	}
	return nil
}

// minAdminPassword is the shortest password, in bytes, that is taken.
const minAdminPassword = 12

// admin is what the admin address serves. The probes are open, for whoever
// balances the load; the rest asks for the password, if there is one.
func (p *process) admin() http.Handler {
	handler := p.metrics.Handler(p.checks)
	mux := http.NewServeMux()
	mux.Handle("/healthz", handler)
	mux.Handle("/readyz", handler)
	mux.Handle("/", p.guarded(handler))
	if p.settings.Profile {
		mux.Handle("/debug/pprof/", p.guarded(http.HandlerFunc(pprof.Index)))
		mux.Handle("/debug/pprof/profile", p.guarded(http.HandlerFunc(pprof.Profile)))
		mux.Handle("/debug/pprof/trace", p.guarded(http.HandlerFunc(pprof.Trace)))
	}
	return mux
}

// guarded asks for the password. Digests are compared, so that neither the
// time nor the length tells anything.
func (p *process) guarded(next http.Handler) http.Handler {
	if p.settings.AdminPassword == "" {
		return next
	}
	wanted := sha256.Sum256([]byte(p.settings.AdminPassword))
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

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && host != "" && isLoopbackHost(host) // an empty host listens everywhere
}
