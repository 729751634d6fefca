package receiver

import (
	"fmt"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// rememberedSenders bounds the memory of an allowance to some 10 MB. A sender
// that was evicted starts again with a full burst.
const rememberedSenders = 1 << 16

// allowance bounds the rate of each sender. The zero value allows everything.
type allowance struct {
	perSecond, burst int
	// senderOf returns the sender of a client: its address or its network.
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

// permits reports whether the rate of the client's sender allows one more. It returns
// true for a client without an address, as on a Unix socket.
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
