package console

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/users"
)

// knownAt is a store in which every user has logged in from one address.
type knownAt struct {
	users.Store
	address string
}

func (k knownAt) KnowsAddress(_ context.Context, _, address string) (bool, error) {
	return address == k.address, nil
}

func TestWhoTriesPasswordsOfANameLocksNobodyOut(t *testing.T) {
	t.Parallel()
	home, elsewhere := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.8")
	a := newAttempts(users.Users{Store: knownAt{address: home.String()}})
	allowed := func(from netip.Addr, name string) bool {
		wait, err := a.take(t.Context(), from, name)
		require.NoError(t, err)
		return wait == 0
	}
	tried := 0
	for i := range 100 { // from a hundred addresses
		if allowed(netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", i)), "ann") {
			tried++
		}
	}
	require.Equal(t, attemptsAtOnce, tried)
	require.False(t, allowed(elsewhere, "ann"))
	require.True(t, allowed(home, "ann"), "from where the user comes")
	require.True(t, allowed(elsewhere, "bob"))
}

func TestOneAddressTriesManyNamesNoFasterThanOne(t *testing.T) {
	t.Parallel()
	a := newAttempts(users.Users{Store: knownAt{}})
	tried := 0
	for i := range 100 {
		// All of a network of 64 bits may be one client's.
		wait, err := a.take(t.Context(), netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)), fmt.Sprint("user", i))
		require.NoError(t, err)
		if wait == 0 {
			tried++
		}
	}
	require.Equal(t, attemptsAtOnce, tried)
}
