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
	// waiting means that the client has sent nothing since the connection was opened, or
	// since its last response.
	waiting phase = iota
	// arriving means that a part of a request has arrived.
	arriving
	// serving means that a request is being handled. Such a connection is not evicted
	// unless Options.EndServing is set: its request may have had its effect already.
	serving
	// writing means that a response is being written.
	writing
)

// Conn is a connection that a Listener accepted. Its server reports its phase: the
// goroutine that serves the connection calls Arriving, Serving, Waiting and Leaving. The
// reads of an evicted connection time out.
type Conn struct {
	net.Conn
	listener *Listener
	sender   netip.Addr
	counted  bool

	phase atomic.Int32
	since atomic.Int64 // when the phase began, by the listener's clock
	// charge is the bytes for which its request counts in Listener.bytes.
	charge  atomic.Int64
	evicted atomic.Bool
	// last is set when an evicted connection has checked for a request that arrived at
	// the same moment. Such a request is its last.
	last atomic.Bool
	// leavingBytes is its charge when it was evicted; the listener's lock
	// guards it.
	leavingBytes int64
	closed       atomic.Bool
}

// Arriving reports that a request has begun to arrive. When requests then use more than
// MaxBytes, it evicts connections whose request is arriving.
func (c *Conn) Arriving() {
	l := c.listener
	c.since.Store(l.now())
	c.phase.Store(int32(arriving))
	if l.options.MaxBytes > 0 && l.setCharge(c, l.options.ArrivalBytes) > l.options.MaxBytes {
		l.freeBytes()
	}
}

// Serving reports that the request has arrived completely and uses so many bytes until
// the response. It evicts connections with incomplete requests when that exceeds
// MaxBytes, and returns false when even then the bound is exceeded.
func (c *Conn) Serving(bytes int) bool {
	c.phase.Store(int32(serving))
	l := c.listener
	if l.options.MaxBytes <= 0 {
		return true
	}
	l.setCharge(c, int64(bytes))
	if c.evicted.Load() {
		l.stays(c)
	}
	return bytes == 0 || l.excess() <= 0 || l.freeBytes()
}

// Waiting reports that the response was sent.
func (c *Conn) Waiting() {
	l := c.listener
	c.since.Store(l.now())
	c.phase.Store(int32(waiting))
	if l.options.MaxBytes > 0 {
		l.setCharge(c, 0)
	}
}

// Leaving reports that the last response was sent, and that the connection is open only
// until it arrives. The connection may then be evicted at any time.
func (c *Conn) Leaving() {
	l := c.listener
	c.since.Store(l.now())
	c.phase.Store(int32(arriving))
	if l.options.MaxBytes > 0 {
		l.setCharge(c, 0)
	}
}

// Write implements net.Conn. While it waits for the client to read, the connection may
// be evicted.
func (c *Conn) Write(data []byte) (int, error) {
	during := c.phase.Load()
	c.since.Store(c.listener.now())
	c.phase.Store(int32(writing))
	defer c.phase.Store(during)
	return c.Conn.Write(data)
}

// setCharge changes the charge of a connection and returns the sum of all.
func (l *Listener) setCharge(c *Conn, bytes int64) int64 {
	return l.bytes.Add(bytes - c.charge.Swap(bytes))
}

// Evicted reports whether the connection was evicted: nothing more is read from it.
func (c *Conn) Evicted() bool { return c.evicted.Load() }

// Ends reports whether the server must close the connection after the response to the
// request that it is serving.
func (c *Conn) Ends() bool { return c.evicted.Load() || c.last.Load() }

// Read implements net.Conn. An evicted connection still returns the bytes that are in the
// socket's buffer: where goroutines wait for a processor, that may be a whole request. A
// connection that was waiting is then admitted again for this last request.
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

// arrived reads the bytes that are in the socket's buffer, ignoring the deadline. It
// returns 0 when there are none, or when the socket cannot be read like that.
func arrived(conn net.Conn, into []byte) (n int) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { // Go's sockets do not block
		n, _ = unix.Read(int(fd), into)
	})
	return max(n, 0)
}

// past is a deadline that ends every read.
var past = time.Unix(1, 0)

func (c *Conn) stopReading() { _ = c.Conn.SetReadDeadline(past) } // it fails only on a closed connection

// stop ends reads, and a write that waits for the client to read.
func (c *Conn) stop() {
	c.stopReading()
	if phase(c.phase.Load()) == writing {
		_ = c.Conn.SetWriteDeadline(past)
	}
}

// SetReadDeadline implements net.Conn. It does not prolong an evicted connection.
func (c *Conn) SetReadDeadline(t time.Time) error {
	err := c.Conn.SetReadDeadline(t)
	if c.evicted.Load() {
		c.stopReading()
	}
	return err
}

// SetDeadline implements net.Conn. It does not prolong the reads of an evicted
// connection.
func (c *Conn) SetDeadline(t time.Time) error {
	err := c.Conn.SetDeadline(t)
	if c.evicted.Load() {
		c.stopReading()
	}
	return err
}

// CloseWrite shuts down the writing side. It returns net.ErrClosed where the connection
// cannot do that.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return net.ErrClosed
}

// Close closes the connection. It may be called more than once.
func (c *Conn) Close() error {
	err := c.Conn.Close()
	if !c.closed.Swap(true) {
		c.listener.setCharge(c, 0)
		c.listener.remove(c)
	}
	return err
}
