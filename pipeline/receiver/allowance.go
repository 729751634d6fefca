package receiver

import (
	"fmt"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// rememberedSenders bounds the memory of an allowance to some 10 MB. A sender
// that others pushed out begins anew, with a full second's worth.
const rememberedSenders = 1 << 16

// allowance bounds what one sender may do a second. The zero value allows all.
type allowance struct {
	perSecond, burst int
	// senderOf says what counts as one sender.
	senderOf func(client netip.Addr) netip.Addr
	senders  *lru.Cache[netip.Addr, *rate.Limiter]
}

func newAllowance(perSecond, burst int, senderOf func(netip.Addr) netip.Addr) (allowance, error) {
	if perSecond <= 0 {
		return allowance{}, nil
	}
	senders, err := lru.New[netip.Addr, *rate.Limiter](rememberedSenders)
	if err != nil {
		return allowance{}, fmt.Errorf("make the list of senders: %w", err)
	}
	return allowance{perSecond, burst, senderOf, senders}, nil
}

// permits reports whether one more of that client still fits. One whose
// address cannot be told, as on a Unix socket, always does.
func (a allowance) permits(client netip.Addr, now time.Time) bool {
	if a.senders == nil || !client.IsValid() {
		return true
	}
	sender := a.senderOf(client)
	limiter, known := a.senders.Get(sender)
	if !known {
		limiter = rate.NewLimiter(rate.Limit(a.perSecond), a.burst)
		if earlier, raced, _ := a.senders.PeekOrAdd(sender, limiter); raced {
			limiter = earlier
		}
	}
	return limiter.AllowN(now, 1)
}

// senderOf returns what counts as one sender: an IPv4 address, or the network
// of 64 bits within which anybody with IPv6 has addresses to choose from.
func senderOf(client netip.Addr) netip.Addr {
	if client.Is4() {
		return client
	}
	network, err := client.Prefix(64)
	if err != nil {
		return client
	}
	return network.Addr()
}
