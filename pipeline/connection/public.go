package connection

import (
	"net/netip"
	"slices"
)

// IsPublic reports whether an address is that of a server in the internet. To others the
// service connects only where its operator says so: an address that an account names must
// not lead into the network of the service.
func IsPublic(address netip.Addr) bool {
	ip := address.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(network netip.Prefix) bool { return network.Contains(ip) })
}

// special are networks of which no address is a server's in the internet, or which lead to
// one of IPv4 by another way.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // that of carriers (RFC 6598)
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}
