package reference

import (
	"fmt"
	"net"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"integr8/pipeline/failure"
)

// readHost returns the normal form of a host that a person wrote. It drops a port with
// a warning. It refuses a URL or a path, and names the host that was probably meant.
func readHost(written string) (string, Warnings, error) {
	host := strings.TrimSpace(written)
	_, afterScheme, isURL := strings.Cut(host, "://")
	if isURL {
		host = afterScheme
	}
	host, _, hasPath := strings.Cut(host, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 { // a password may stand before it
		host, isURL = host[at+1:], true
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	name = strings.Trim(name, "[]")
	var warnings Warnings
	switch {
	case name == "":
		return "", nil, failure.WithHint(Refuse(ErrInvalid, "the host is empty"), "name the host alone: `--host track.example.com`")
	case net.ParseIP(name).To4() == nil && net.ParseIP(name) != nil:
		return "", nil, failure.WithHint(Refuse(ErrInvalid, "a tracking domain is a host name, and %s is an IP address", name),
			"name a host that leads to it: `--host track.example.com`")
	case isURL || hasPath:
		return "", nil, failure.WithHint(Refuse(ErrInvalid, "a tracking domain is a host, without a scheme and a path"), fmt.Sprintf("name the host alone: `--host %s`", name))
	case port != "":
		warnings = warn("the port %s is left out: pixels are taken at every port of %s, and the tags of tokens have the port of INTEGR8_PUBLIC_URL", port, name)
	}
	name, err = NormalizeHost(name)
	return name, warnings, err
}

// hostProfile is idna.Lookup that also refuses names that DNS cannot hold.
var hostProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// NormalizeHost returns the form in which a host is stored and looked up: lower
// case, without port and trailing dot, international names in their ASCII
// (xn--) form. The error matches ErrInvalid.
func NormalizeHost(text string) (string, error) {
	host := strings.TrimSpace(text)
	if strings.ContainsAny(host, "/?#@ ") || !utf8.ValidString(host) {
		return "", Refuse(ErrInvalid, "%q is not a host: give the name alone, such as track.example.com", text)
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ascii, err := hostProfile.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || strings.HasSuffix(ascii, ".") {
		return "", Refuse(ErrInvalid, "%q is not a host name such as track.example.com", text)
	}
	return ascii, nil
}
