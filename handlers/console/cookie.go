package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"integr8/handlers/operate/users"
)

// The names of the cookie that holds a session. A browser takes one with the prefix only
// by HTTPS, from this very host. Without HTTPS a session works on a loopback address only.
const (
	secureCookie   = "__Host-integr8_session"
	loopbackCookie = "integr8_session"
)

// isSecure reports whether the browser came by HTTPS, as far as a proxy says so.
func isSecure(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// isLoopback reports whether the browser came to a loopback address by plain HTTP.
func isLoopback(r *http.Request) bool {
	if isSecure(r) {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}

func cookieName(r *http.Request) string {
	if isLoopback(r) {
		return loopbackCookie
	}
	return secureCookie
}

// sessionOf is the text of the session that a request carries; empty without one.
func sessionOf(r *http.Request) string {
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// keepSession lets the browser keep a session; an empty one is forgotten.
func keepSession(w http.ResponseWriter, r *http.Request, session string) {
	cookie := &http.Cookie{
		Name: cookieName(r), Value: session, Path: "/", MaxAge: int(users.SessionLasts.Seconds()),
		HttpOnly: true, Secure: !isLoopback(r), SameSite: http.SameSiteLaxMode,
	}
	if session == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}
