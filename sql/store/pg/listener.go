package pg

import (
	"context"
	"net"
	"time"

	"github.com/lib/pq"
)

// NewListener returns a listener of pq whose connections close when ctx ends. pq itself
// accepts no context, and would wait for ever for a server that accepts connections and
// does not respond. The listener reconnects after waits between shortest and longest.
func NewListener(ctx context.Context, url string, shortest, longest time.Duration) *pq.Listener {
	return pq.NewDialListener(boundDialer{ctx}, url, shortest, longest, nil)
}

// boundDialer makes connections that close when its context ends.
type boundDialer struct {
	ctx context.Context // of the listener; in a field because pq's Dialer has no parameter for it
}

type boundConn struct {
	net.Conn
	unbind func() bool
}

// Close implements net.Conn.
func (c boundConn) Close() error {
	c.unbind()
	return c.Conn.Close()
}

// Dial implements pq.Dialer, with dialTimeout.
func (d boundDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, dialTimeout)
}

// DialTimeout implements pq.Dialer.
func (d boundDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	dialer := net.Dialer{Timeout: timeout}
	conn, err := dialer.DialContext(d.ctx, network, address)
	if err != nil {
		return nil, Unreached(err)
	}
	return boundConn{conn, context.AfterFunc(d.ctx, func() { _ = conn.Close() })}, nil
}
