package receiver

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"integr8/pipeline/hit"
)

// Options are what the doors need. Queue, Directory and Keys are required; the
// zero value of any other field means its default.
type Options struct {
	Queue     Queue
	Directory Directory
	Keys      hit.Keys
	// LacksKey reports whether other processes sign with a service secret that
	// is not among Keys. A transaction_id that does not verify may then be
	// genuine: it is accepted, and left to the handler. Default: never.
	LacksKey func() bool
	// TrustedProxies may say for whom they speak, with X-Forwarded-For and
	// X-Forwarded-Host. Default: nobody may.
	TrustedProxies []netip.Prefix
	// MaxURLBytes bounds path and query. Default 8 KiB.
	MaxURLBytes int
	// MaxBodyBytes bounds a POST body. Default 64 KiB.
	MaxBodyBytes int
	// MaxParams bounds how many parameters a request may have. Default 200.
	MaxParams int
	// MaxValueBytes bounds a parameter's value. Default
	// hit.DefaultMaxValueBytes.
	MaxValueBytes int
	// MaxConcurrent bounds how many requests are served at once; further ones
	// are answered 503. A sender that is slow holds no place before its request
	// has come whole, for which the Server bounds the time. Default 4096.
	MaxConcurrent int
	// MaxConnections bounds how many connections are open at once. Past it
	// those make room that have been idle for the longest, then those whose request
	// is arriving or whose answer is not read; only where there are none is a new
	// one refused with 503. Default 4096.
	MaxConnections int
	// MaxConnectionsPerSender bounds how many of them may be of one client
	// address (of IPv6, one network of 64 bits); further ones are refused with
	// 429. Trusted proxies have no bound. Default 1024.
	MaxConnectionsPerSender int
	// MaxBytesUnderWay bounds what requests may weigh together: those that
	// have not come whole, each with the buffers that it may fill, and the
	// bodies that are being handled. Past it one that has not come whole
	// is answered 503, the oldest of the sender that has the most. Default 64 MiB.
	MaxBytesUnderWay int
	// MaxPerSender bounds how many requests a second one client address (of
	// IPv6, one network of 64 bits) may make, with as many at once; further
	// ones are answered 429. Default: no bound.
	MaxPerSender int
	// JunkPerSecond bounds how many refused requests are recorded a second, and
	// how many hits with a token that the directory does not know are kept for
	// long, with 20 times as many at once; JunkPerNetwork does so for one network
	// (256 addresses of IPv4, 48 bits of IPv6). Default: no bound.
	JunkPerSecond, JunkPerNetwork int
	// PublishTimeout is how long the queue may take to make a hit durable.
	// Default 2 s.
	PublishTimeout time.Duration
	// Clock tells the time. Default time.Now.
	Clock func() time.Time
	// Logger takes failures only, never a value of a request. Default
	// slog.Default().
	Logger *slog.Logger
	// Observe is told of every request once it is answered. It is called by
	// many goroutines at once. Default: nobody.
	Observe func(Observation)
	// ObserveJunk is told of every hit that the bounds above, or the queue,
	// kept from being recorded as any other, with why its request was refused.
	// It is called by many goroutines at once. Default: nobody.
	ObserveJunk func(what Junk, refusal hit.Refusal)
}

// complete checks what is required and fills in the defaults.
func (o *Options) complete() error {
	switch {
	case o.Queue == nil:
		return errors.New("a receiver needs a queue")
	case o.Directory == nil:
		return errors.New("a receiver needs a directory")
	case o.Keys.IsZero():
		return errors.New("a receiver needs a service secret")
	}
	setDefault(&o.MaxURLBytes, 8<<10)
	setDefault(&o.MaxBodyBytes, 64<<10)
	setDefault(&o.MaxParams, 200)
	setDefault(&o.MaxValueBytes, hit.DefaultMaxValueBytes)
	setDefault(&o.MaxConcurrent, 4096)
	setDefault(&o.MaxConnections, 4096)
	setDefault(&o.MaxConnectionsPerSender, 1024)
	setDefault(&o.MaxBytesUnderWay, 64<<20)
	if least := leastUnderWay * (o.MaxURLBytes + maxHeaderBytes + o.MaxBodyBytes); o.MaxBytesUnderWay < least {
		return fmt.Errorf("%d bytes for requests under way are too few for requests of this size: %d at least", o.MaxBytesUnderWay, least)
	}
	setDefault(&o.PublishTimeout, 2*time.Second)
	if o.LacksKey == nil {
		o.LacksKey = func() bool { return false }
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	if o.ObserveJunk == nil {
		o.ObserveJunk = func(Junk, hit.Refusal) {}
	}
	return nil
}

// leastUnderWay is how many requests of the largest size must fit into
// MaxBytesUnderWay.
const leastUnderWay = 16

func setDefault[T int | time.Duration](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}
