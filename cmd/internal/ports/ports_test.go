package ports

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
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

// A drill failed once because two of its processes were given one port.
func TestNoPortIsChosenTwice(t *testing.T) {
	const choices = 300
	chosen := make(chan int, choices)
	var callers sync.WaitGroup
	for range 15 {
		callers.Go(func() {
			for range choices / 15 {
				port, err := Choose()
				if assert.NoError(t, err) {
					chosen <- port
				}
			}
		})
	}
	callers.Wait()
	close(chosen)
	seen := map[int]bool{}
	for port := range chosen {
		require.False(t, seen[port], "port %d", port)
		require.False(t, reserve(port), "port %d", port)
		seen[port] = true
	}
}
