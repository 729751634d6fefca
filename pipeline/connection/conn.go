package connection

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// phase is what a connection is doing.
type phase int32

const (
	// waiting connections have sent nothing since they were opened, or since
	// their last answer.
	waiting phase = iota
	// arriving means that a part of a request has come.
	arriving
	// serving means that a request is being handled. Such a connection is not
	// closed to make room: what it asked for may be done already.
	serving
	// answering means that an answer is being written.
	answering
)

// Conn is a connection that a Listener took. Its server tells it what it is
// doing: Arriving, Serving and Waiting are called by the goroutine that serves
// it. A connection that has to make room finds that its reads time out.
type Conn struct {
	net.Conn
	listener *Listener
	sender   netip.Addr
	counted  bool

	phase atomic.Int32
	since atomic.Int64 // when the phase began, by the listener's clock
	// charge is what its request weighs in the listener's sum.
	charge  atomic.Int64
	evicted atomic.Bool
	// last is set when an evicted connection has looked whether a request has
	// come in the same moment, which is the last one then.
	last atomic.Bool
	// leavingBytes is what it weighed when it was evicted; the listener's lock
	// guards it.
	leavingBytes int64
	closed       atomic.Bool
}

// Arriving notes that a request has begun to come. Where requests weigh too
// much then, some that are arriving are given up.
func (c *Conn) Arriving() {
	l := c.listener
	c.since.Store(l.now())
	c.phase.Store(int32(arriving))
	if l.options.MaxBytes > 0 && l.weigh(c, l.options.ArrivalBytes) > l.options.MaxBytes {
		l.relieve()
	}
}

// Serving notes that the request has come whole and weighs so many bytes until
// it is answered; false when that is more than requests may weigh together. What
// has not come whole makes room for it.
func (c *Conn) Serving(bytes int) bool {
	c.phase.Store(int32(serving))
	l := c.listener
	if l.options.MaxBytes <= 0 {
		return true
	}
	l.weigh(c, int64(bytes))
	if c.evicted.Load() {
		l.stays(c)
	}
	return bytes == 0 || l.excess() <= 0 || l.relieve()
}

// Waiting notes that the request has been answered.
func (c *Conn) Waiting() {
	l := c.listener
	c.since.Store(l.now())
	c.phase.Store(int32(waiting))
	if l.options.MaxBytes > 0 {
		l.weigh(c, 0)
	}
}

// Leaving notes that the last answer was sent, and that the connection is only
// open so that it arrives: it may make room at any time.
func (c *Conn) Leaving() {
	l := c.listener
	c.since.Store(l.now())
	c.phase.Store(int32(arriving))
	if l.options.MaxBytes > 0 {
		l.weigh(c, 0)
	}
}

// Write writes. Where its far end does not read, the connection may make room.
func (c *Conn) Write(data []byte) (int, error) {
	during := c.phase.Load()
	c.since.Store(c.listener.now())
	c.phase.Store(int32(answering))
	defer c.phase.Store(during)
	return c.Conn.Write(data)
}

// weigh changes what a connection weighs and returns the sum of all.
func (l *Listener) weigh(c *Conn, bytes int64) int64 {
	return l.bytes.Add(bytes - c.charge.Swap(bytes))
}

// Evicted reports whether the connection has to make room: nothing more is read.
func (c *Conn) Evicted() bool { return c.evicted.Load() }

// Ends reports whether the server must close the connection after the answer to
// the request that it is serving.
func (c *Conn) Ends() bool { return c.evicted.Load() || c.last.Load() }

// Read reads. A connection that makes room still has what lies in the socket
// already: where goroutines wait for a processor, a whole request may. If it has
// sent nothing before, that is its last request, which may come whole.
func (c *Conn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !c.evicted.Load() {
		return n, err
	}
	switch phase(c.phase.Load()) {
	case waiting:
		if c.last.Swap(true) {
			return 0, err
		}
		if n = arrived(c.Conn, into); n > 0 {
			return n, c.listener.readmit(c)
		}
	case arriving:
		if n = arrived(c.Conn, into); n > 0 {
			return n, nil
		}
	}
	return 0, err
}

// arrived reads what lies in the socket already, whatever the deadline; 0 when
// nothing does, or it cannot be told.
func arrived(conn net.Conn, into []byte) (n int) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { // its sockets never block
		n, _ = unix.Read(int(fd), into)
	})
	return max(n, 0)
}

// past is a deadline that ends every read.
var past = time.Unix(1, 0)

func (c *Conn) stopReading() { _ = c.Conn.SetReadDeadline(past) } // one that fails is closed already

// stop ends reads, and a write that waits for its far end.
func (c *Conn) stop() {
	c.stopReading()
	if phase(c.phase.Load()) == answering {
		_ = c.Conn.SetWriteDeadline(past)
	}
}

// SetReadDeadline sets the deadline, unless the connection has to make room.
func (c *Conn) SetReadDeadline(t time.Time) error {
	err := c.Conn.SetReadDeadline(t)
	if c.evicted.Load() {
		c.stopReading()
	}
	return err
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	err := c.Conn.SetDeadline(t)
	if c.evicted.Load() {
		c.stopReading()
	}
	return err
}

// CloseWrite says that nothing more is sent, where that can be said.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return net.ErrClosed
}

// Close closes the connection. It may be called again.
func (c *Conn) Close() error {
	err := c.Conn.Close()
	if !c.closed.Swap(true) {
		c.listener.weigh(c, 0)
		c.listener.remove(c)
	}
	return err
}
