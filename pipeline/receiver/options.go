package receiver

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// Options set up the doors. Queue, Directory and Keys are required; the
// zero value of any other field means its default.
type Options struct {
	Queue     Queue
	Directory Directory
	Keys      token.Keys
	// LacksKey reports whether other processes sign with a service secret that
	// is not among Keys. A transaction_id that does not verify may then be
	// genuine: it is accepted, and left to the handler. Default: never.
	LacksKey func() bool
	// TrustedProxies are the proxies whose X-Forwarded-For and X-Forwarded-Host are used.
	// Default: none.
	TrustedProxies []netip.Prefix
	// MaxURLBytes bounds path and query. Default 8 KiB.
	MaxURLBytes int
	// MaxBodyBytes bounds a POST body. Default 64 KiB.
	MaxBodyBytes int
	// MaxParams bounds how many parameters a request may have. Default 200.
	MaxParams int
	// MaxValueBytes bounds a parameter's value. Default
	// redact.DefaultMaxValueBytes.
	MaxValueBytes int
	// MaxConcurrent bounds how many requests are served at once; further ones
	// get 503. A slow sender uses none of them before its request has arrived
	// completely, for which the Server bounds the time. Default 4096.
	MaxConcurrent int
	// MaxConnections bounds how many connections are open at once. At the bound a new
	// connection evicts those that have been idle for the longest, then those whose
	// request is arriving or whose response is not read; when there are none, the new one
	// is refused with 503. Default 4096.
	MaxConnections int
	// MaxConnectionsPerSender bounds the connections of one client
	// address (for IPv6, of one network of 64 bits); further ones are refused with
	// 429. Trusted proxies have no bound. Default 1024.
	MaxConnectionsPerSender int
	// MaxBytesUnderWay bounds the memory of all requests: of those that
	// are arriving, each with the largest size of its buffers, and of the
	// bodies that are being handled. Above it a request that is arriving
	// gets 503, the oldest of the sender that has the most. Default 64 MiB.
	MaxBytesUnderWay int
	// MaxPerSender bounds the requests a second of one client address (for
	// IPv6, of one network of 64 bits), with a burst of as many; further
	// ones get 429. Default: no bound.
	MaxPerSender int
	// JunkPerSecond bounds how many refused requests are recorded a second, and
	// how many hits with a token that the directory does not know are kept for
	// longer than a day, each with a burst of 20 times as many. JunkPerNetwork is the
	// same for one network (256 addresses of IPv4, 48 bits of IPv6). Default: no bound.
	JunkPerSecond, JunkPerNetwork int
	// PublishTimeout is how long the queue may take to make a hit durable.
	// Default 2 s.
	PublishTimeout time.Duration
	// Clock returns the time. Default time.Now.
	Clock func() time.Time
	// Logger logs failures only, and never a value of a request. Default
	// slog.Default().
	Logger *slog.Logger
	// Observe is called for every request after the response. It is called by
	// many goroutines at once. It may be nil.
	Observe func(Observation)
	// ObserveJunk is called for every hit that, because of JunkPerSecond, JunkPerNetwork
	// or the queue, was dropped or is kept only for a short time, with the reason of its
	// refusal. It is called by many goroutines at once. It may be nil.
	ObserveJunk func(what Junk, refusal outcome.Reason)
}

// complete checks the required fields and sets the defaults.
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
	setDefault(&o.MaxValueBytes, redact.DefaultMaxValueBytes)
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
		o.ObserveJunk = func(Junk, outcome.Reason) {}
	}
	return nil
}

// headBytes returns the most that is kept of a request outside the library's buffers, see
// head.
func (o *Options) headBytes() int { return o.MaxURLBytes + moreHeadBytes }

// arrivalBytes returns the most memory that a request uses while it arrives.
func (o *Options) arrivalBytes() int {
	return o.MaxURLBytes + maxHeaderBytes + o.headBytes() + o.MaxBodyBytes
}

// leastUnderWay is how many requests of the largest size must fit into
// MaxBytesUnderWay.
const leastUnderWay = 16

func setDefault[T int | time.Duration](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}
