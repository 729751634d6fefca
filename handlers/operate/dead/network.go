package dead

import (
	"net/netip"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

// ReadNetwork reads a network as dead letters keep it, see hit.NetworkPrefix; the zero
// Prefix of an empty text. The error matches reference.ErrInvalid.
func ReadNetwork(text string) (netip.Prefix, error) {
	if text == "" {
		return netip.Prefix{}, nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil || network != hit.NetworkPrefix(network.Addr()) {
		return netip.Prefix{}, reference.Refuse(reference.ErrInvalid, "network is no network as dead letters keep it, such as 192.0.2.0/24 or 2001:db8:7::/48")
	}
	return network, nil
}

// ReadDigest reads a DigestPrefix; the empty one of an empty text. The error matches
// reference.ErrInvalid.
func ReadDigest(text string) (prefix DigestPrefix, err error) {
	if text != "" {
		err = reference.Invalid(prefix.UnmarshalText([]byte(text)))
	}
	return prefix, err
}
