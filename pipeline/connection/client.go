package connection

import (
	"net"
	"net/netip"
	"strings"
)

// Client returns the client of a request that came from an address. It reads
// X-Forwarded-For, the lines of which are joined by commas, from its end, which the last
// proxy added, and skips every trusted proxy; the first other address is the client. The
// client itself may have written the entries before it, so they are ignored. It is
// invalid when the address is, as on a Unix socket.
func Client(remote netip.Addr, forwardedFor string, trusted []netip.Prefix) netip.Addr {
	client := remote
	hops := strings.Split(forwardedFor, ",")
	for i := len(hops) - 1; i >= 0 && IsTrusted(client, trusted); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		client = hop
	}
	return client
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

// IsTrusted reports whether an address is that of a trusted proxy.
func IsTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, prefix := range trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// SenderOf returns the sender of a client: its IPv4 address, or its IPv6 network of 64
// bits, because a client with IPv6 can choose any address in such a network.
func SenderOf(client netip.Addr) netip.Addr {
	if client.Is4() {
		return client
	}
	network, err := client.Prefix(64)
	if err != nil {
		return client
	}
	return network.Addr()
}

// AddressOf returns the address of a connection's other end; invalid when there is none,
// as on a Unix socket.
func AddressOf(remote net.Addr) netip.Addr {
	if tcp, ok := remote.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// SenderOfConn is SenderOf for Options.Sender. A trusted proxy is exempt, because it has
// many clients, and so is a Unix socket, because it has no address.
func SenderOfConn(remote net.Addr, trusted []netip.Prefix) (netip.Addr, bool) {
	address := AddressOf(remote)
	if !address.IsValid() || IsTrusted(address, trusted) {
		return netip.Addr{}, false
	}
	return SenderOf(address), true
}
