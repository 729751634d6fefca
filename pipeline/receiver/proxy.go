package receiver

import (
	"bytes"
	"net/netip"
	"strings"

	"integr8/pipeline/connection"
)

// origin is the client and the host of a request.
type origin struct {
	// clientIP is invalid when there is none, as on a Unix socket.
	clientIP netip.Addr
	// host is as sent, with its port.
	host string
}

// originOf returns the origin of a visit: see connection.Client. X-Forwarded-Host is used
// only when a trusted proxy sent it, and of several values the last.
func originOf(v *visit, trusted []netip.Prefix) origin {
	from := origin{clientIP: v.client, host: v.host}
	if !connection.IsTrusted(from.clientIP, trusted) {
		return from
	}
	if host := lastOf(v.values("X-Forwarded-Host")); host != "" {
		from.host = host
	}
	from.clientIP = connection.Client(v.client, string(bytes.Join(v.values("X-Forwarded-For"), []byte(","))), trusted)
	return from
}

// lastOf returns the last entry of a header that is a comma list over one or
// more lines.
func lastOf(lines [][]byte) string {
	if len(lines) == 0 {
		return ""
	}
	line := string(lines[len(lines)-1])
	return strings.TrimSpace(line[strings.LastIndexByte(line, ',')+1:])
}

// hostName returns a host in the form of the directory: in lower case, without
// port, brackets of IPv6 and final dot.
func hostName(host string) string {
	host = strings.ToLower(host)
	if strings.HasPrefix(host, "[") {
		name, _, _ := strings.Cut(host[1:], "]")
		return name
	}
	name, _, _ := strings.Cut(host, ":")
	return strings.TrimSuffix(name, ".")
}
