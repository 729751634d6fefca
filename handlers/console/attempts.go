package console

import (
	"context"
	"net/netip"
	"time"

	"integr8/handlers/operate/limit"
	"integr8/handlers/operate/users"
)

// attempts bounds how often somebody may try to log in: from an address, and with a name.
// Somebody who tries many passwords of a name from many addresses uses up its attempts for
// addresses from which its user never logged in, and locks him out of none other.
type attempts struct {
	users   users.Users
	address *limit.Limits[netip.Prefix]
	name    *limit.Limits[string]
}

const (
	attemptsPerSecond = 0.1
	attemptsAtOnce    = 10
)

func newAttempts(known users.Users) *attempts {
	return &attempts{
		users:   known,
		address: limit.New[netip.Prefix](attemptsPerSecond, attemptsAtOnce),
		name:    limit.New[string](attemptsPerSecond, attemptsAtOnce),
	}
}

// take returns how long to wait until the next attempt; 0 for none. An empty name is that
// of a log-in link.
func (a *attempts) take(ctx context.Context, from netip.Addr, name string) (time.Duration, error) {
	now := time.Now()
	if wait := a.address.Take(network(from), now); wait > 0 || name == "" {
		return wait, nil
	}
	known, err := a.users.KnowsAddress(ctx, name, from.String())
	if err != nil || known {
		return 0, err
	}
	return a.name.Take(name, now), nil
}

// network is what one client has of addresses: of IPv6, 64 bits.
func network(of netip.Addr) netip.Prefix {
	bits := of.BitLen()
	if of.Is6() {
		bits = 64
	}
	prefix, err := of.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{} // of no address
	}
	return prefix
}
