// Package connection takes the connections of a server within bounds: in all,
// of one sender, and of what the requests that are under way may weigh.
//
// A process that takes every connection is stopped by whoever opens enough of
// them: none of its file descriptors is left for its own servers and disk, and
// each request that never comes whole keeps a buffer. Where a bound is reached,
// what has been idle for the longest makes room for what is new, because new
// requests mostly arrive whole at once; then what is arriving, of the sender that
// has the most of it; then what is not read by its sender. Only where all of that
// is missing is a new connection refused.
package connection

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Bound names a bound that was reached.
type Bound int

// The bounds.
const (
	// InAll is Options.Max.
	InAll Bound = iota + 1
	// PerSender is Options.MaxPerSender.
	PerSender
)

// Options bound a Listener. Max is required; the zero value of any other field
// sets no bound.
type Options struct {
	// Max is how many connections may be open at once.
	Max int
	// MaxPerSender is how many of them may be of one sender.
	MaxPerSender int
	// Sender says who counts as the sender of a connection. Where it reports
	// false, MaxPerSender does not apply, and among connections that make room
	// those come last.
	Sender func(remote net.Addr) (netip.Addr, bool)
	// MaxBytes is what requests may weigh that are arriving or being served:
	// ArrivalBytes each until they have come whole, and what Conn.Serving is
	// told from then on.
	MaxBytes int64
	// ArrivalBytes is the most that the server keeps for a request that is
	// arriving.
	ArrivalBytes int64
	// EndServing lets a connection make room, where nothing else can, while its
	// request is being served: for a server whose requests change nothing. A
	// request's context ends then, as if its sender had hung up.
	EndServing bool
	// Refused is called with each connection that is not taken, which may be
	// written to; it is closed afterwards. It must not block.
	Refused func(refused net.Conn, bound Bound)
}

// Listener takes connections within bounds.
type Listener struct {
	net.Listener
	options Options
	began   time.Time
	bytes   atomic.Int64
	// evicted counts connections that had to make room, leavingBytes is what
	// those among them that are not closed yet weigh.
	evicted      atomic.Uint64
	leavingBytes atomic.Int64
	// freed holds a token when a connection was closed.
	freed chan struct{}

	mu      sync.Mutex
	conns   map[*Conn]struct{}
	senders map[netip.Addr]int
	leaving int // those of conns that were told to make room
	// fullUntil is when it is looked again for what can make room, after a
	// look that found nothing.
	fullUntil time.Time
}

// NewListener bounds what a listener accepts.
func NewListener(inner net.Listener, options Options) *Listener {
	if options.Sender == nil {
		options.Sender = func(net.Addr) (netip.Addr, bool) { return netip.Addr{}, false }
	}
	if options.Refused == nil {
		options.Refused = func(net.Conn, Bound) {}
	}
	return &Listener{
		Listener: inner, options: options, began: time.Now(), freed: make(chan struct{}, 1),
		conns: map[*Conn]struct{}{}, senders: map[netip.Addr]int{},
	}
}

// Accept waits for the next connection within the bounds, which is a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &Conn{Conn: accepted, listener: l}
		c.sender, c.counted = l.options.Sender(accepted.RemoteAddr())
		c.since.Store(l.now())
		bound := l.admit(c)
		if bound == 0 {
			return c, nil
		}
		l.options.Refused(accepted, bound)
		_ = accepted.Close() // it was not taken
	}
}

// State is how many connections are open, what their requests weigh, and how
// many were closed to make room since the Listener was made.
type State struct {
	Open    int
	Bytes   int64
	Evicted uint64
}

// State returns how full it is.
func (l *Listener) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return State{Open: len(l.conns), Bytes: l.bytes.Load(), Evicted: l.evicted.Load()}
}

// A connection that makes room takes far below a millisecond to be gone, unless
// what it asked for is being served by then.
const (
	leaveTime = 20 * time.Millisecond
	// roomTries is how often room is made for one new connection.
	roomTries = 3
)

// admit takes a connection in, or names the bound that it would exceed.
func (l *Listener) admit(c *Conn) Bound {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.counted && l.options.MaxPerSender > 0 && l.senders[c.sender] >= l.options.MaxPerSender {
		return PerSender
	}
	late := false // those that were to leave did not
	for try := 0; len(l.conns) >= l.options.Max; try++ {
		if try == roomTries || (l.leaving == 0 || late) && !l.makeRoom() {
			return InAll
		}
		late = !l.awaitRoom()
	}
	l.conns[c] = struct{}{}
	if c.counted {
		l.senders[c.sender]++
	}
	return 0
}

// awaitRoom waits until a connection is closed, and reports whether one was
// within leaveTime. The lock is held before and after, but not meanwhile.
func (l *Listener) awaitRoom() bool {
	l.mu.Unlock()
	defer l.mu.Lock()
	timer := time.NewTimer(leaveTime)
	defer timer.Stop()
	select {
	case <-l.freed:
		return true
	case <-timer.C:
		return false
	}
}

func (l *Listener) remove(c *Conn) {
	l.mu.Lock()
	delete(l.conns, c)
	if c.counted {
		if l.senders[c.sender]--; l.senders[c.sender] == 0 {
			delete(l.senders, c.sender)
		}
	}
	if c.evicted.Load() {
		l.forget(c)
	}
	l.mu.Unlock()
	select {
	case l.freed <- struct{}{}:
	default:
	}
}

// readmit has a connection that had to make room serve one last request. It may
// have to make room again while that arrives.
func (l *Listener) readmit(c *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.evicted.Store(false)
	l.forget(c)
	return c.Conn.SetReadDeadline(time.Now().Add(lastRequest)) // until its server sets another
}

// lastRequest is far longer than a server takes to set its own deadline.
const lastRequest = 5 * time.Second

// forget takes a connection out of the sums of those that make room. The lock
// is held.
func (l *Listener) forget(c *Conn) {
	l.leaving--
	l.leavingBytes.Add(-c.leavingBytes)
	c.leavingBytes = 0
}

// stays has the request of a connection that makes room weigh like any other:
// it came whole all the same, and is served before the connection is closed.
func (l *Listener) stays(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leavingBytes.Add(-c.leavingBytes)
	c.leavingBytes = 0
}

func (l *Listener) now() int64 { return int64(time.Since(l.began)) }
