// Package connection bounds the connections of a server: their number, the number of
// one sender, and the memory of the requests that are under way.
//
// A process without such bounds can be stopped by anybody who opens enough connections:
// it then has no file descriptor left for its own servers and its disk, and
// each incomplete request keeps a buffer. When a bound is reached, the Listener evicts
// connections to make room for new ones, whose requests mostly arrive completely at
// once. It evicts first the connections that have been idle for the longest; then those
// whose request is arriving, of the sender with the most of them; then those whose
// sender does not read. It refuses a new connection only when there is none of these.
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
	// Sender returns the sender of a connection. When it returns false, the connection is
	// exempt: MaxPerSender does not apply to it, and it is evicted last.
	Sender func(remote net.Addr) (netip.Addr, bool)
	// MaxBytes bounds the memory of requests that are arriving or being served. A request
	// counts as ArrivalBytes until it has arrived completely, and from then on as the
	// bytes that Conn.Serving was called with.
	MaxBytes int64
	// ArrivalBytes is the most memory that the server uses for a request that is
	// arriving.
	ArrivalBytes int64
	// EndServing allows to evict a connection while its request is being served, when
	// nothing else can be evicted. It is for a server whose requests change nothing. The
	// request's context then ends, as if its sender had closed the connection.
	EndServing bool
	// Refused is called with each refused connection, which may be written to; it is
	// closed afterwards. It must not block.
	Refused func(refused net.Conn, bound Bound)
}

// Listener accepts connections within bounds. It is safe for concurrent use.
type Listener struct {
	net.Listener
	options Options
	began   time.Time
	bytes   atomic.Int64
	// evicted counts evicted connections. leavingBytes is the charge of those that are
	// not closed yet.
	evicted      atomic.Uint64
	leavingBytes atomic.Int64
	// freed is full when a connection was closed since the last wait.
	freed chan struct{}

	mu      sync.Mutex
	conns   map[*Conn]struct{}
	senders map[netip.Addr]int
	leaving int // evicted connections that are still in conns
	// fullUntil is the time until which no scan is made, after a scan that found nothing
	// to evict.
	fullUntil time.Time
}

// NewListener returns a Listener that accepts connections from inner.
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
		_ = accepted.Close() // the refused connection is not used, so its error does not matter
	}
}

// State holds the number of open connections, the bytes of their requests, and the
// number of connections that were evicted since the Listener was made.
type State struct {
	Open    int
	Bytes   int64
	Evicted uint64
}

// State returns the current state.
func (l *Listener) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return State{Open: len(l.conns), Bytes: l.bytes.Load(), Evicted: l.evicted.Load()}
}

const (
	// leaveTime is how long admit waits for an evicted connection to close. That takes far
	// less than a millisecond, unless its last request is being served.
	leaveTime = 20 * time.Millisecond
	// roomTries is how often admit waits for room for one new connection.
	roomTries = 3
)

// admit adds a connection, or returns the bound that it would exceed.
func (l *Listener) admit(c *Conn) Bound {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.counted && l.options.MaxPerSender > 0 && l.senders[c.sender] >= l.options.MaxPerSender {
		return PerSender
	}
	late := false // evicted connections did not close in time
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

// awaitRoom waits for a connection to be closed, and reports whether one was
// within leaveTime. The lock is held before and after, but not during the wait.
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
		l.uncount(c)
	}
	l.mu.Unlock()
	select {
	case l.freed <- struct{}{}:
	default:
	}
}

// readmit admits an evicted connection again for one last request. While that arrives
// the connection may be evicted again.
func (l *Listener) readmit(c *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.evicted.Store(false)
	l.uncount(c)
	return c.Conn.SetReadDeadline(time.Now().Add(lastRequest)) // until the server sets another
}

// lastRequest is a deadline far longer than a server takes to set its own.
const lastRequest = 5 * time.Second

// uncount removes a connection from the sums of evicted ones. The lock is held.
func (l *Listener) uncount(c *Conn) {
	l.leaving--
	l.leavingBytes.Add(-c.leavingBytes)
	c.leavingBytes = 0
}

// stays counts the request of an evicted connection like any other: it has arrived
// completely, and is served before the connection is closed.
func (l *Listener) stays(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leavingBytes.Add(-c.leavingBytes)
	c.leavingBytes = 0
}

func (l *Listener) now() int64 { return int64(time.Since(l.began)) }
