package receiver

import (
	"bytes"
	"io"
	"sync/atomic"
	"time"

	"integr8/pipeline/connection"
)

// conn is the connection of a client. With linger it is closed so that the last response
// arrives although the client is still sending: closing a socket with unread
// bytes resets it, and then the client may never see the response.
type conn struct {
	*connection.Conn
	// lined is set when a whole line has arrived since the last response. Only the
	// goroutine that serves the connection uses it.
	lined  bool
	linger atomic.Bool
	// head is the beginning of the current request, at most headBytes of it. Only the
	// goroutine that serves the connection uses it.
	head      head
	headBytes int
}

// Read implements net.Conn, and updates lined and head.
func (c *conn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	c.lined = c.lined || bytes.IndexByte(into[:n], '\n') >= 0
	c.head.add(into[:n], c.headBytes)
	return n, err
}

// Write implements net.Conn, and resets lined and head, unless it writes 100 Continue.
func (c *conn) Write(data []byte) (int, error) {
	if !bytes.HasPrefix(data, []byte("HTTP/1.1 100 ")) {
		c.lined = false
		c.head.reset()
	}
	return c.Conn.Write(data)
}

// Bounds of what is read, and dropped, from a client that is still sending after the last
// response.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// Close closes the connection. With linger, it first reads until the last response has
// arrived, unless the connection was evicted.
func (c *conn) Close() error {
	if c.linger.Load() && !c.Evicted() && c.CloseWrite() == nil {
		c.Leaving()
		_ = c.Conn.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // the connection ends in any case
	}
	return c.Conn.Close()
}
