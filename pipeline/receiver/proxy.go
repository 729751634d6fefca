package receiver

import (
	"bytes"
	"net/netip"
	"strings"
)

// origin is the client and the host of a request.
type origin struct {
	// clientIP is invalid when there is none, as on a Unix socket.
	clientIP netip.Addr
	// host is as sent, with its port.
	host string
}

// originOf returns the origin of a visit. It reads X-Forwarded-For from its end, which
// the last proxy added, and skips every trusted proxy; the first other address is
// the client. The client itself may have written the entries before it, so they are
// ignored. X-Forwarded-Host is used only when a trusted proxy sent it, and of
// several values the last.
func originOf(v *visit, trusted []netip.Prefix) origin {
	from := origin{clientIP: v.client, host: v.host}
	if !isTrusted(from.clientIP, trusted) {
		return from
	}
	if host := lastOf(v.values("X-Forwarded-Host")); host != "" {
		from.host = host
	}
	hops := strings.Split(string(bytes.Join(v.values("X-Forwarded-For"), []byte(","))), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(from.clientIP, trusted); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		from.clientIP = hop
	}
	return from
}

// parseHop reads one entry of X-Forwarded-For: an address, which some proxies
// write in brackets or with a port.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if addrPort, err := netip.ParseAddrPort(text); err == nil {
		return addrPort.Addr().Unmap().WithZone(""), true
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, prefix := range trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
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
