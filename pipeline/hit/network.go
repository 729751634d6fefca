package hit

import "net/netip"

// The networks that count as one sender where a quota bounds what strangers may
// use. Smaller IPv4 networks than 256 addresses are not routed,
// and one hosting account has addresses all over its own. Of IPv6, 48 bits are
// what one site gets (RFC 6177): with 64 bits a single site would count as 65,536.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// NetworkOf returns the network that holds an address.
func NetworkOf(client netip.Addr) netip.Addr {
	network, err := client.Prefix(networkBits(client))
	if err != nil {
		return client
	}
	return network.Addr()
}

// Network returns the network of NetworkOf that the hit came from; invalid when the
// client's address is not known.
func (h *Hit) Network() netip.Prefix {
	return NetworkPrefix(h.Client())
}

// NetworkPrefix returns the network of NetworkOf with its length; invalid for an invalid
// address.
func NetworkPrefix(client netip.Addr) netip.Prefix {
	if !client.IsValid() {
		return netip.Prefix{}
	}
	client = client.Unmap().WithZone("")
	return netip.PrefixFrom(client, networkBits(client)).Masked()
}

func networkBits(client netip.Addr) int {
	if client.Is4() {
		return networkBits4
	}
	return networkBits6
}

// Client returns the address that the hit came from; invalid when it is not known.
func (h *Hit) Client() netip.Addr {
	client, err := netip.ParseAddr(h.ClientIP)
	if err != nil {
		return netip.Addr{}
	}
	return client
}
