package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// handshakeConnector gives up a connection that is being made when the context
// of whoever waits for it ends, and what waits on it later likewise: see
// hangUpConn. pq ends the dial then, but waits on for a server that accepts the
// connection and says nothing.
type handshakeConnector struct{ driver.Connector }

// Connect makes a connection unless ctx ends first.
func (c handshakeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	h := &handshake{ctx: ctx}
	defer h.over()
	conn, err := c.Connector.Connect(context.WithValue(ctx, handshakeKey{}, h))
	if err != nil && ctx.Err() != nil {
		if h.socket() != nil {
			return nil, fmt.Errorf("%w: %w", errSilent, context.Cause(ctx))
		}
		return nil, fmt.Errorf("reach the database: %w: %w", context.Cause(ctx), err)
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

// handshake binds the connections that are dialled for one Connect to its
// context, until it is over.
type handshake struct {
	ctx context.Context

	mu       sync.Mutex
	latest   net.Conn
	releases []func() bool
}

// socket is the connection that was dialled last: of several hosts, and of the
// attempts with and without TLS, the one that serves.
func (h *handshake) socket() net.Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.latest
}

// cancelTimeout bounds a request to cancel a statement. The statement itself is
// hung up on before that.
const cancelTimeout = 2 * time.Second

// bindHandshake closes conn when the Connect that it is dialled for has to end.
// One that pq dials to have a statement cancelled belongs to none: the statement
// waits for the server to hang up, which a hanging one does not.
func bindHandshake(ctx context.Context, conn net.Conn) {
	h, ok := ctx.Value(handshakeKey{}).(*handshake)
	if !ok {
		time.AfterFunc(cancelTimeout, func() { _ = conn.Close() }) // nobody waits for it
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = conn
	h.releases = append(h.releases, context.AfterFunc(h.ctx, func() { _ = conn.Close() })) // nobody waits for it
}

func (h *handshake) over() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, release := range h.releases {
		release()
	}
}
