package hit

import (
	"errors"
	"net/netip"
	"strings"
)

// ErrInvalidIP is the error of ConversionIP.
var ErrInvalidIP = errors.New("an IP address is IPv4 or IPv6")

// ConversionIP reads an IPv4 or IPv6 address. A port, brackets and a zone are
// left out, and of a list, such as proxies make, the first address counts. An
// IPv4 address written as IPv6 is returned as IPv4.
func ConversionIP(text string) (netip.Addr, error) {
	address, _, err := conversionIP(text)
	return address, err
}

// conversionIP is ConversionIP, and also reports whether something was left out.
func conversionIP(text string) (address netip.Addr, more bool, err error) {
	text = strings.TrimSpace(text)
	whole := text
	if end := strings.IndexAny(text, ",; "); end > 0 {
		text = text[:end]
	}
	if len(text) > maxAddressLength {
		return netip.Addr{}, false, ErrInvalidIP
	}
	bare := text
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		bare = text[1 : len(text)-1]
	}
	address, err = netip.ParseAddr(bare)
	if err != nil {
		var both netip.AddrPort
		both, err = netip.ParseAddrPort(text)
		address, bare = both.Addr(), ""
	}
	if err != nil {
		return netip.Addr{}, false, ErrInvalidIP
	}
	return address.WithZone("").Unmap(), bare != whole || address.Zone() != "", nil
}

// maxAddressLength is the length of an IPv6 address in brackets with zone and port.
const maxAddressLength = 80
