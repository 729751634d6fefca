package pg

import (
	"context"
	"net"
	"time"
)

// silentDialer makes connections on which the server may send nothing, during a
// statement, for at most longest; 0 means no bound. Without the bound a statement on a
// connection that a firewall or a dead machine has cut would wait until the kernel stops
// trying, and its caller with it. The end of the context does not help, because pq then
// asks the server to cancel, and the server cannot be reached.
type silentDialer struct{ longest time.Duration }

// dialTimeout bounds the making of a connection.
const dialTimeout = 10 * time.Second

// Dial implements pq.Dialer, with dialTimeout.
func (d silentDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, dialTimeout)
}

// DialTimeout implements pq.Dialer.
func (d silentDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return d.dial(context.Background(), &net.Dialer{Timeout: timeout}, network, address)
}

// DialContext implements pq.DialerContext.
func (d silentDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dial(ctx, &net.Dialer{Timeout: dialTimeout}, network, address)
}

func (d silentDialer) dial(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, Unreached(err)
	}
	bindHandshake(ctx, conn)
	if d.longest == 0 {
		return conn, nil
	}
	return silentConn{conn, d.longest}, nil
}

type silentConn struct {
	net.Conn
	longest time.Duration
}

// Read fails when the server sends nothing for longest. pq reads only while it waits
// for a response, so an idle connection never fails.
func (c silentConn) Read(data []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.longest)); err != nil {
		return 0, err
	}
	return c.Conn.Read(data)
}

// Write fails when the server accepts nothing for longest.
func (c silentConn) Write(data []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.longest)); err != nil {
		return 0, err
	}
	return c.Conn.Write(data)
}
