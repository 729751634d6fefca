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
