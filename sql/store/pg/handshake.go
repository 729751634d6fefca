package pg

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// handshakeConnector ends an attempt to connect when the context of its caller
// ends, and makes connections whose statements end with their context, see hangUpConn.
// pq itself ends the dial with the context, but then waits for ever for a server that
// accepts the connection and sends nothing.
type handshakeConnector struct{ driver.Connector }

// Connect implements driver.Connector. It ends with ctx.
func (c handshakeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	h := &handshake{ctx: ctx}
	defer h.over()
	conn, err := c.Connector.Connect(context.WithValue(ctx, handshakeKey{}, h))
	if err != nil && ctx.Err() != nil {
		if h.socket() != nil {
			return nil, fmt.Errorf("%w: %w", errSilent, context.Cause(ctx))
		}
		return nil, unreachedFor(context.Cause(ctx), err)
	}
	if err != nil {
		return nil, err
	}
	full, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errNotOfPQ(conn), conn.Close())
	}
	return &hangUpConn{pqConn: full, socket: h.socket()}, nil
}

type handshakeKey struct{}

// handshake closes the connections that are dialled for one call of Connect when its
// context ends, until over is called.
type handshake struct {
	ctx context.Context // of Connect; in a field because the dialer has no other way to get it

	mu       sync.Mutex
	latest   net.Conn
	releases []func() bool
}

// socket returns the connection that was dialled last. pq may dial several hosts, and
// with and without TLS; it uses the last one.
func (h *handshake) socket() net.Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.latest
}

// cancelTimeout bounds a request to cancel a statement. It is longer than hangUpAfter,
// so the statement itself has ended before.
const cancelTimeout = 2 * time.Second

// bindHandshake closes conn when the context of its Connect ends. A connection that pq
// dials to cancel a statement belongs to no Connect and is closed after cancelTimeout: pq
// waits for the server to close it, which a hanging server never does.
func bindHandshake(ctx context.Context, conn net.Conn) {
	h, ok := ctx.Value(handshakeKey{}).(*handshake)
	if !ok {
		time.AfterFunc(cancelTimeout, func() { _ = conn.Close() }) // nothing uses it any more
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = conn
	h.releases = append(h.releases, context.AfterFunc(h.ctx, func() { _ = conn.Close() })) // nothing uses it any more
}

func (h *handshake) over() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, release := range h.releases {
		release()
	}
}
