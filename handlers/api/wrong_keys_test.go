package api

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/limit"
)

func TestWrongKeysCountForTheirAddressAndAreForgiven(t *testing.T) {
	t.Parallel()
	w, now := newWrongKeys(6), time.Now()
	one, other := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("198.51.100.8")
	for range 6 {
		require.Zero(t, w.wait(one, "guess", now))
		w.add(one, "guess", now)
	}
	require.InDelta(t, 10*time.Second, w.wait(one, "guess", now), float64(time.Millisecond))
	require.NotZero(t, w.wait(one, "guess", now), "to ask changes nothing")
	require.Zero(t, w.wait(other, "guess", now))
	require.Zero(t, w.wait(one, "guess", now.Add(10*time.Second+time.Millisecond)))

	w.opened("right")
	require.Zero(t, w.wait(one, "right", now), "it has opened something")
	w.add(one, "right", now)
	require.NotZero(t, w.wait(one, "right", now), "it is revoked")
	require.Zero(t, w.wait(netip.Addr{}, "guess", now), "a Unix socket has no address")
	w.add(netip.Addr{}, "guess", now)

	for i := range 3 * limit.Most {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		w.wait(address, "guess", now)
		w.opened(address.String())
	}
	require.LessOrEqual(t, w.senders.Size(), limit.Most)
	require.Equal(t, mostRight, w.right.Len())
	unbounded := newWrongKeys(0)
	for range 1000 {
		unbounded.add(one, "guess", now)
		require.Zero(t, unbounded.wait(one, "guess", now))
	}
}
