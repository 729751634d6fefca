package connection

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyAddressesOfTheInternetArePublic(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.1.1",
		"fd00::1", "fe80::1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::10.0.0.1", "2002:7f00:1::1", "fec0::1"} {
		require.False(t, IsPublic(netip.MustParseAddr(address)), address)
	}
	for _, address := range []string{"8.8.8.8", "203.0.114.9", "::ffff:8.8.8.8", "2606:4700::1111"} {
		require.True(t, IsPublic(netip.MustParseAddr(address)), address)
	}
	require.False(t, IsPublic(netip.Addr{}))
}
