package hit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNetworksAreThoseOfOneSite(t *testing.T) {
	for address, network := range map[string]string{
		"203.0.113.7": "203.0.113.0", "203.0.113.255": "203.0.113.0", "203.0.114.1": "203.0.114.0",
		"2001:db8:1:2::3": "2001:db8:1::", "2001:db8:1:ffff::1": "2001:db8:1::", "2001:db8:2::1": "2001:db8:2::",
	} {
		require.Equal(t, network, NetworkOf((&Hit{ClientIP: address}).Client()).String())
	}
	require.False(t, NetworkOf((&Hit{}).Client()).IsValid())
}

func TestTheNetworkOfAHitHasItsLength(t *testing.T) {
	t.Parallel()
	for address, network := range map[string]string{
		"192.0.2.7": "192.0.2.0/24", "::ffff:192.0.2.7": "192.0.2.0/24", "2001:db8:7:1::9": "2001:db8:7::/48", "fe80::1%eth0": "fe80::/48",
	} {
		require.Equal(t, network, (&Hit{ClientIP: address}).Network().String())
	}
	require.False(t, (&Hit{ClientIP: "unknown"}).Network().IsValid())
}
