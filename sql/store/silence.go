package store

import (
	"context"
	"fmt"
	"net"
	"time"
)

// silentDialer makes connections on which the server may be silent, in the
// middle of a statement, for so long at most. Without it a statement on a
// connection that a firewall or a dead machine has cut would wait for as long
// as the kernel keeps trying, and the hits in its batch with it: a context
// that ends has pq ask the server to cancel, which is no help when the server
// cannot be reached. Zero sets no bound.
type silentDialer struct{ longest time.Duration }

// dialTimeout is how long a connection may take to be made.
const dialTimeout = 10 * time.Second

// Dial is DialTimeout with the usual time.
func (d silentDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, dialTimeout)
}

// DialTimeout makes a connection.
func (d silentDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return d.dial(context.Background(), &net.Dialer{Timeout: timeout}, network, address)
}

// DialContext makes a connection unless ctx ends first.
func (d silentDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dial(ctx, &net.Dialer{Timeout: dialTimeout}, network, address)
}

func (d silentDialer) dial(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("reach the database: %w", err)
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

// Read fails when nothing comes for too long. pq reads only while it waits
// for an answer, so an idle connection is never failed.
func (c silentConn) Read(data []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.longest)); err != nil {
		return 0, err
	}
	return c.Conn.Read(data)
}

// Write fails when the server takes nothing for too long.
func (c silentConn) Write(data []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.longest)); err != nil {
		return 0, err
	}
	return c.Conn.Write(data)
}
