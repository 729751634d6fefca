package receiver

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/connection"
)

func TestASenderOfTooManyRequestsIsAnswered429AndTheOthersServed(t *testing.T) {
	t.Parallel()
	var clock atomic.Pointer[time.Time]
	begin := now
	clock.Store(&begin)
	d := open(t, func(o *Options) {
		o.MaxPerSender = 3
		o.Clock = func() time.Time { return *clock.Load() }
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	from := func(address string) reply {
		return d.get(fmt.Sprintf("/?secure=%s&transaction_id=%s", d.token, d.id()), "X-Forwarded-For", address)
	}
	for range 3 {
		from("203.0.113.5").accepted(t)
	}
	refused := from("203.0.113.5")
	require.Equal(t, http.StatusTooManyRequests, refused.status)
	require.Equal(t, "1", refused.header.Get("Retry-After"))
	refused.oneLine(t)
	require.Len(t, d.queue.taken(), 3)

	from("203.0.113.6").accepted(t)
	from("::ffff:203.0.113.7").accepted(t)
	for i := range 3 {
		from(fmt.Sprintf("2001:db8::%d", i)).accepted(t)
	}
	require.Equal(t, http.StatusTooManyRequests, from("2001:db8:0:0:ffff::1").status, "one network is one sender")
	from("2001:db8:0:1::1").accepted(t)

	later := begin.Add(time.Second)
	clock.Store(&later)
	from("203.0.113.5").accepted(t)
}

func TestSendersAreNotCountedWithoutABound(t *testing.T) {
	t.Parallel()
	d := open(t)
	for range 100 {
		d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String()).accepted(t)
	}
}

func TestMemoryOfSendersIsBounded(t *testing.T) {
	t.Parallel()
	senders, err := newAllowance(1, 1, connection.SenderOf)
	require.NoError(t, err)
	address := netip.MustParseAddr("10.0.0.0")
	for range rememberedSenders + 1000 {
		require.True(t, senders.permits(address, time.Now()))
		address = address.Next()
	}
	require.Equal(t, rememberedSenders, senders.senders.Len())
	require.True(t, senders.permits(netip.Addr{}, time.Now()))
	require.True(t, senders.permits(netip.Addr{}, time.Now()), "an address that cannot be told is not counted")
}
