package receiver

import (
	"bytes"
	"io"
	"sync/atomic"
	"time"

	"integr8/pipeline/connection"
)

// conn is a connection of a sender. It can be closed so that an answer arrives
// although its sender is still sending: a socket that is closed with unread
// bytes in it is reset, and the sender may never see what was answered.
type conn struct {
	*connection.Conn
	// lined is set when a whole line has come since the last answer. Only the
	// goroutine that serves the connection uses it.
	lined  bool
	linger atomic.Bool
}

// Read notes what has come.
func (c *conn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	c.lined = c.lined || bytes.IndexByte(into[:n], '\n') >= 0
	return n, err
}

// Write notes that it has been answered.
func (c *conn) Write(data []byte) (int, error) {
	c.lined = false
	return c.Conn.Write(data)
}

// The bounds of what is still read from a sender that has its answer.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// Close closes the connection, where asked to so that the last answer arrives.
// One that has to make room does not wait for that.
func (c *conn) Close() error {
	if c.linger.Load() && !c.Evicted() && c.CloseWrite() == nil {
		c.Leaving()
		_ = c.Conn.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // whatever comes of it, the connection is over
	}
	return c.Conn.Close()
}
