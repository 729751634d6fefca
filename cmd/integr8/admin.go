package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
)

// checkAdmin refuses an admin address without a password where more than this
// machine can reach it.
func (s *settings) checkAdmin() error {
	if s.AdminPassword == "" && !isLoopback(s.AdminAddr) {
		return withHint(errors.New("INTEGR8_ADMIN_ADDR can be reached from elsewhere, and there is no password for it"),
			"set INTEGR8_ADMIN_PASSWORD, or listen on 127.0.0.1")
	}
	return nil
}

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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		given := sha256.Sum256([]byte(password))
		if user != "admin" || subtle.ConstantTimeCompare(given[:], wanted[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="integr8"`)
			http.Error(w, "the user is admin, the password is in INTEGR8_ADMIN_PASSWORD", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
