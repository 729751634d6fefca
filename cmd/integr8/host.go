package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// checkHost returns the host of a tracking domain as it was written, without what
// does not belong to it. A port is left out with a warning; a URL and a path are
// refused with the host that seems to be meant.
func (a *app) checkHost(written string) (string, error) {
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
	switch {
	case host == "":
		return "", withHint(errors.New("the host is empty"), "name the host alone: --host track.example.com")
	case isURL || hasPath:
		return "", withHint(errors.New("a tracking domain is a host, without a scheme and a path"), fmt.Sprintf("name the host alone: --host %s", name))
	case err == nil:
		a.warn("the port %s is left out: pixels are taken at every port of %s, and token show prints the port of INTEGR8_PUBLIC_URL", port, name)
	}
	return name, nil
}
