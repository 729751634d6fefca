package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net"
	"sync"
)

// handshakeConnector gives up a connection that is being made when the context
// of whoever waits for it ends. pq ends the dial then, but waits on for a
// server that accepts the connection and says nothing.
type handshakeConnector struct{ driver.Connector }

// Connect makes a connection unless ctx ends first.
func (c handshakeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	h := &handshake{ctx: ctx}
	defer h.over()
	conn, err := c.Connector.Connect(context.WithValue(ctx, handshakeKey{}, h))
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("reach the database: %w: %w", context.Cause(ctx), err)
	}
	return conn, err
}

type handshakeKey struct{}

// handshake binds the connections that are dialled for one Connect to its
// context, until it is over.
type handshake struct {
	ctx context.Context

	mu       sync.Mutex
	releases []func() bool
}

// bindHandshake closes conn when the Connect that it is dialled for has to end.
// One that pq dials to have a statement cancelled is for ctx alone: the
// statement waits for the server to hang up, which a hanging one does not.
func bindHandshake(ctx context.Context, conn net.Conn) {
	h, ok := ctx.Value(handshakeKey{}).(*handshake)
	if !ok {
		context.AfterFunc(ctx, func() { _ = conn.Close() }) // nobody waits for it
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.releases = append(h.releases, context.AfterFunc(h.ctx, func() { _ = conn.Close() })) // nobody waits for it
}

func (h *handshake) over() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, release := range h.releases {
		release()
	}
}
