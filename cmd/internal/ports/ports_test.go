package ports

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChosenPortsAreFreeAndOutOfTheWay(t *testing.T) {
	for range 20 {
		port, err := Choose()
		require.NoError(t, err)
		require.True(t, Free(port))
		require.GreaterOrEqual(t, port, lowest)
		require.Less(t, port, highest)
	}
}

func TestATakenPortIsNotFree(t *testing.T) {
	address, err := Address()
	require.NoError(t, err)
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	defer listener.Close()
	require.False(t, Free(listener.Addr().(*net.TCPAddr).Port))
}
